"""inspect, log, diff, why PATH, replay and call: from a data folder and from a running server."""

import json
import subprocess

import pytest
from client import Client
from server import ROOT, Server, binary
from test_command import hearth


@pytest.fixture(params=["folder", "server"])
def place(request, serve, run) -> tuple[Server, list[str]]:
    server = serve(recipes=ROOT / "Recipes", arguments=("--local-operator",))

    async def scenario():
        ann = await Client(server.room("lobby", "chat"), "Ann").enter()
        await ann.send("send", {"text": "first"})
        await ann.send("send", {"text": "second"})
        await ann.send("rename", {"name": "Anna"})
        return ann.joined["session"]

    server.session = run(scenario())
    return server, (["--data", str(server.data)] if request.param == "folder" else ["--server", server.http])


def seq(server: Server) -> int:
    return json.loads(hearth("inspect", "lobby", "--data", server.data, "--output", "json"))["seq"]


def test_inspect_shows_the_cells_as_a_tree(place):
    server, where = place
    text = hearth("inspect", "lobby", *where)
    assert "list of 2" in text and "second" in text
    assert f"author → user@{server.session}" in text
    cells = json.loads(hearth("inspect", "lobby", *where, "--output", "json"))["cells"]
    assert [item["text"] for item in cells["messages"]] == ["first", "second"]
    earlier = json.loads(hearth("inspect", "lobby", *where, "--at", seq(server) - 2, "--output", "json"))["cells"]
    assert [item["text"] for item in earlier["messages"]] == ["first"]


def test_log_tells_who_did_what(place):
    server, where = place
    lines = [json.loads(line) for line in hearth("log", "lobby", *where, "--output", "json").splitlines()]
    assert [line["event"] for line in lines][-3:] == ["send", "send", "rename"]
    assert all(line["by"] == server.session for line in lines[-3:])
    assert lines[-1]["patch"][0]["value"] == "Anna"
    text = hearth("log", "lobby", *where, "--limit", 2)
    assert "rename" in text and '"Anna"' in text and "first" not in text


def test_diff_tells_what_changed_between_two_commits(place):
    server, where = place
    last = seq(server)
    found = json.loads(hearth("diff", "lobby", *where, "--from", last - 1, "--output", "json"))
    assert [(step["op"], step["path"], step["value"]) for step in found["patch"]] == [
        ("replace", f"/user@{server.session}/name", "Anna")
    ]
    assert "nothing is different" in hearth("diff", "lobby", *where, "--from", last, "--to", last)
    assert f"{last + 7}" in hearth("diff", "lobby", *where, "--from", last + 7, status=1)


def test_why_follows_a_path_to_the_event_that_changed_it(place):
    server, where = place
    last = seq(server)
    def told(path):
        return json.loads(hearth("why", "lobby", path, *where, "--output", "json"))
    assert told("/messages/0/text")["seq"] == last - 2
    assert told("/messages/1")["seq"] == last - 1
    assert told(f"/user@{server.session}/name")["event"] == "rename"
    # Through the link to where the name is kept.
    assert told("/messages/0/author/name")["event"] == "rename"
    assert "no commit" in hearth("why", "lobby", "/nothing/here", *where, status=1)


def test_call_runs_a_handler(serve):
    server = serve(recipes=ROOT / "Recipes")
    hearth("rooms", "create", "c", "--recipe", "counter", "--server", server.http)
    hearth("call", "c", "increment", "--server", server.http)
    assert server.cells("c")["count"] == 1
    assert json.loads(hearth("call", "c", "increment", "{}", "--server", server.http, "--output", "json"))["seq"] > 0
    assert "not JSON" in hearth("call", "c", "increment", "{", "--server", server.http, status=64)
    assert "nothing" in hearth("call", "c", "nothing", "--server", server.http, status=1)


def test_inspect_watch_goes_on_with_changes(serve):
    server = serve(recipes=ROOT / "Recipes")
    hearth("rooms", "create", "c", "--recipe", "counter", "--server", server.http)
    command = [binary(), "inspect", "c", "--server", server.http, "--watch", "--output", "json"]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watching.stdout.readline())["cells"] == {"count": 0}
        hearth("call", "c", "increment", "--server", server.http)
        assert json.loads(watching.stdout.readline())["patch"] == [{"op": "replace", "path": "/count", "value": 1}]
    finally:
        watching.terminate()
        watching.wait(10)


def test_replay_shows_what_another_recipe_would_have_done(serve, tmp_path):
    server = serve(recipes=ROOT / "Recipes")
    hearth("rooms", "create", "c", "--recipe", "counter", "--server", server.http)
    for _ in range(3):
        hearth("call", "c", "increment", "--server", server.http)
    same = hearth("replay", "c", "--data", server.data, "--recipes", ROOT / "Recipes")
    assert "3 events run again, 0 different" in same
    text = (ROOT / "Recipes/counter/recipe.lua").read_text()
    (tmp_path / "counter.lua").write_text(text.replace("cells.count:increment(1)", "cells.count:increment(2)"))
    command = [binary(), "replay", "c", "--data", server.data, "--recipe", tmp_path / "counter.lua", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    found = [json.loads(line)["patch"] for line in done.stdout.splitlines()]
    assert found == [[{"op": "replace", "path": "/count", "value": number}] for number in (2, 3, 4)]


KEEPER = """return recipe { name = "keeper", version = 1, cells = { log = require("hearth.types").list(require("hearth.types").any()) },
  handlers = { note = { allow = "member", run = function(cells, _, ctx)
    cells.log:push { by = ctx.who.name, id = ctx.who.id, roles = ctx.who.roles } end } } }
"""


def test_replay_knows_who_has_left(serve, run, tmp_path):
    (tmp_path / "keeper.lua").write_text(KEEPER)
    server = serve(recipes=tmp_path / "keeper.lua")

    async def scenario():
        ann = await Client(server.room("desk", "keeper"), "Ann").enter()
        await ann.send("note")
        await ann.leave()

    run(scenario())
    where = ["--data", server.data, "--recipe", tmp_path / "keeper.lua"]
    assert "1 event run again, 0 different" in hearth("replay", "desk", *where)
