"""`hearth repl`, and what else is for the operator: on a data folder, on a running server, with and without tokens."""

import json
import os
import pty
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from client import Client
from server import ROOT, Server, binary
from test_command import hearth
from tokens import Keys

RECIPES = ROOT / "Recipes"


def repl(*arguments, status: int = 0, typed: str = "", **environment) -> tuple[str, str]:
    done = subprocess.run(
        [binary(), "repl", *map(str, arguments)], capture_output=True, text=True, timeout=60, input=typed,
        env={**os.environ, **environment})
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout, done.stderr


@pytest.fixture(params=["folder", "server", "processes"])
def place(request, serve) -> tuple[Server, list]:
    """A room in a folder that no server runs on, in a server, and in one whose recipes run in processes of their own."""
    isolated = ("--isolate", "process") if request.param == "processes" else ()
    server = serve(recipes=RECIPES, arguments=("--local-operator", *isolated))
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http)
    if request.param != "folder":
        return server, ["--server", server.http]
    server.stop()
    return server, ["--data", server.data, "--recipes", RECIPES]


def test_entries_from_a_pipe_run_one_after_the_other(place):
    _, where = place
    said, _ = repl("score", *where, typed='cells\nfor i = 1, 2 do\n  print(i, "x")\nend\n\n= 1, nil, "q\\n"\n')
    assert said.splitlines() == ["{ count = 0 }", "1\tx", "2\tx", "1", "nil", '"q\\n"']
    assert repl("score", *where, typed="")[0] == ""
    said, told = repl("score", *where, typed="1\n\nlocal a = nil\nlocal function f()\n  return cells.count + {}\nend return f()\n3\n", status=1)
    assert said == "1\n"
    assert told.splitlines()[0].startswith("hearth: <repl>:2: ") and told.splitlines()[1] == "    return cells.count + {}"
    assert "not finished" in repl("score", *where, typed="for i = 1, 3 do\n", status=1)[1]
    # Of a line without end not all is told again.
    assert len(repl("score", *where, typed=") " + "x" * 100_000 + "\n", status=1)[1]) < 1_000


def test_it_only_looks_unless_asked(place):
    server, where = place
    refused = repl("score", *where, "-e", "cells.count = 7", status=1)[1]
    assert "--write" in refused and len(refused.splitlines()) == 2
    assert repl("score", *where, "-e", "cells.count")[0] == "0\n"
    repl("score", *where, "--write", "-e", "cells.count = 7")
    assert repl("score", *where, "-e", "cells.count", "--output", "json")[0].strip() == '{"printed":[],"seq":2,"values":[[7]]}'
    entry = json.loads(hearth("log", "score", "--data", server.data, "--output", "json").splitlines()[-1])
    assert entry["event"] == "hearth.repl" and entry["data"]["lua"] == "cells.count = 7" and entry["data"]["by"]
    assert "in hearth repl" in hearth("log", "score", "--data", server.data)
    assert "in hearth repl" in hearth("why", "score", "2", "--data", server.data)
    assert "ok" in hearth("verify", "--data", server.data)


def test_what_is_wrong_is_told_and_changes_nothing(place):
    _, where = place
    for lua, word in [
        ("cells.cuont", "count"), ("x = = 1", "<repl>:1"), ("cells.count = 'many'", "integer"),
        ("while true do end", "budget_exceeded"), ("cells.count = 1 error('no')", "no"),
    ]:
        told = repl("score", *where, "--write", "-e", lua, status=1)[1]
        assert word in told and "handlers.repl" not in told, told
    assert "nosuch" in repl("nosuch", *where, "-e", "1", status=1)[1]
    said, told = repl("score", *where, "-e", "cells.cuont", "--output", "json", status=1)
    assert json.loads(said)["error"]["code"] == "handler_failed" and told == ""
    assert repl("score", *where, "-e", "cells.count")[0] == "0\n"


def test_a_terminal_is_prompted_and_goes_on_after_an_error(place):
    _, where = place
    mine, its = pty.openpty()
    process = subprocess.Popen(
        [binary(), "repl", "score", *map(str, where)], stdin=its, stdout=its, stderr=its, close_fds=True,
        env={**os.environ, "TERM": "dumb"})
    os.close(its)
    said = ""

    def until(text: str):
        nonlocal said
        end = time.monotonic() + 30
        while text not in said:
            assert time.monotonic() < end, said
            said += os.read(mine, 4096).decode()
        said = said.partition(text)[2]

    until("score> ")
    os.write(mine, b"cells.cuont\n")
    until("no cell is called cuont")
    until("score> ")
    os.write(mine, b"(1 +\n")
    until("    | ")
    os.write(mine, b"2)\n")
    until("3")
    until("score> ")
    os.write(mine, b"\x04")
    assert process.wait(20) == 0
    os.close(mine)


def test_what_is_written_is_seen_at_once_by_those_in_the_room(serve, run):
    server = serve(recipes=RECIPES, command="dev", arguments=("--no-specs",))

    async def scenario():
        ann = await Client(server.room("score", "counter"), "Ann").enter()
        repl("score", "--server", server.http, "--write", "-e", "cells.count = 12")
        await ann.until(lambda: ann.cells["count"] == 12)
        assert [message["event"] for message in ann.of("commit")][-1] == "hearth.repl"

    run(scenario())
    assert "A server runs on" in repl("score", "--data", server.data, "--recipes", RECIPES, "--write", "-e", "1", status=1)[1]
    assert repl("score", "--data", server.data, "--recipes", RECIPES, "-e", "cells.count")[0] == "12\n"


def test_call_runs_a_handler_in_a_folder(serve):
    server = serve(recipes=RECIPES)
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http)
    where = ["--data", server.data, "--recipes", RECIPES]
    assert "A server runs on" in hearth("call", "score", "increment", *where, status=1)
    server.stop()
    assert json.loads(hearth("call", "score", "increment", *where, "--output", "json"))["seq"] == 2
    assert "nothing" in hearth("call", "score", "nothing", *where, status=1)
    assert repl("score", *where, "-e", "cells.count")[0] == "1\n"


# Who may

OPERATOR = [
    ["why", "score", "1"], ["replay", "score", "--recipes", RECIPES], ["migrate", "--dry-run", "--recipes", RECIPES],
    ["rooms", "export", "score"], ["repl", "score", "-e", "cells.count"],
]


def test_a_server_without_tokens_that_trusts_nobody_shows_nothing(serve):
    server = serve(recipes=RECIPES)
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http)
    for command in OPERATOR:
        told = hearth(*command, "--server", server.http, status=1)
        assert "--local-operator" in told, told
    for write in (True, False):
        answer = server.post("/rooms/score/console", {"lua": "cells.count = 1", "write": write})
        assert answer.status == 403 and answer.json["error"]["code"] == "forbidden"
    assert server.get("/rooms/score/export").status == 403
    assert server.cells("score")["count"] == 0


def test_what_comes_from_elsewhere_is_not_the_operators(serve):
    server = serve(recipes=RECIPES, command="dev", arguments=("--no-specs",))
    assert server.post("/rooms", {"id": "score", "recipe": "counter"}).status == 201
    body = json.dumps({"lua": "return cells"}).encode()
    for fields, status in (
        ({}, 200), ({"X-Forwarded-For": "192.0.2.1"}, 403), ({"Via": "1.1 proxy"}, 403), ({"Host": "evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ):
        request = urllib.request.Request(
            server.http + "/rooms/score/console", data=body, headers={"Content-Type": "application/json", **fields})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == status, fields
        except urllib.error.HTTPError as refusal:
            assert refusal.code == status, fields


def test_a_token_needs_the_role_and_the_rights(serve, tmp_path):
    keys = Keys("HS256", tmp_path)
    # It holds only where nobody is asked for a token.
    server = serve(recipes=RECIPES, arguments=(*keys.serve, "--local-operator"))
    everything = keys.token(roles=["operator"], rooms={"*": ["*"]})
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http, HEARTH_TOKEN=everything)

    def attempt(command, token: str, status: int) -> str:
        return hearth(*command, "--server", server.http, status=status, HEARTH_TOKEN=token)

    write = ["repl", "score", "--write", "-e", "cells.count = 5"]
    for command in [*OPERATOR, write]:
        assert "token" in attempt(command, "", 1)
        assert "operator" in attempt(command, keys.token(), 1)
        if command[0] != "migrate":
            assert "rooms" in attempt(command, keys.token(roles=["operator"], rooms={"other": ["*"]}), 1)
    looker = keys.token(roles=["operator"], rooms={"score": ["join", "send", "set", "manage"]})
    assert '"call"' in attempt(write, looker, 1)
    for command in OPERATOR:
        attempt(command, looker, 0)
    attempt(write, everything, 0)
    assert attempt(["repl", "score", "-e", "cells.count"], looker, 0) == "5\n"
    assert json.loads(attempt(["why", "score", "2", "--output", "json"], looker, 0))["data"]["by"] == "ann"
    log = server.log_path.read_text()
    assert "console" in log and "by=ann" in log and everything not in log


@pytest.mark.parametrize("body, status", [
    ({}, 422), ({"lua": 1}, 422), ({"lua": "1", "write": "yes"}, 422), ({"lua": "return 1"}, 200), ({"lua": ""}, 200),
    ({"lua": "return '" + "x" * 2_000_000 + "'"}, 413), ({"lua": "-" * 900_000}, 422), ({"lua": "return " + "(" * 5_000}, 422),
])
def test_odd_requests_are_answered(serve, body, status):
    server = serve(recipes=RECIPES, arguments=("--local-operator",))
    server.post("/rooms", {"id": "score", "recipe": "counter"})
    assert server.post("/rooms/score/console", body).status == status
    assert server.get("/rooms/score/console").status == 405
    assert server.post("/rooms/nosuch/console", {"lua": "return 1"}).status == 404
    assert server.post("/rooms/score/console", {"lua": "return 1"}).json["values"] == [[1]]


# The other commands, on a server

@pytest.fixture
def lived_in(serve, run) -> Server:
    server = serve(recipes=RECIPES, arguments=("--local-operator",))

    async def scenario():
        ann = await Client(server.room("lobby", "chat"), "Ann").enter()
        await ann.send("send", {"text": "first"})
        await ann.send("rename", {"name": "Anna"})
        await ann.leave()

    run(scenario())
    return server


def test_a_server_answers_as_its_folder_does(lived_in):
    folder, server = ["--data", lived_in.data], ["--server", lived_in.http]
    for command in (
        ["why", "lobby", "3"], ["why", "lobby", "/messages/0/author/name"], ["why", "lobby", "3", "--output", "json"],
        ["replay", "lobby", "--recipes", RECIPES], ["migrate", "lobby", "--dry-run", "--recipes", RECIPES],
        ["migrate", "--dry-run", "--recipes", RECIPES], ["rooms", "export", "lobby"],
    ):
        assert hearth(*command, *server) == hearth(*command, *folder), command
    for command in (["why", "nosuch", "1"], ["replay", "nosuch", "--recipes", RECIPES], ["rooms", "export", "nosuch"]):
        assert "nosuch" in hearth(*command, *server, status=1)


def test_a_long_room_is_exported_whole(serve, tmp_path):
    server = serve(recipes=RECIPES, arguments=("--local-operator",))
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http)
    repl("score", "--server", server.http, "--write", typed="cells.count:increment(1)\n" * 40)
    for _ in range(60):
        server.post("/rooms/score/events", {"name": "increment"})
    hearth("rooms", "export", "score", "--server", server.http, "--output", tmp_path / "score.jsonl")
    hearth("rooms", "import", tmp_path / "score.jsonl", "--data", tmp_path / "copy")
    assert repl("score", "--data", tmp_path / "copy", "--recipes", RECIPES, "-e", "cells.count")[0] == "100\n"
    assert "ok" in hearth("verify", "--data", tmp_path / "copy")
