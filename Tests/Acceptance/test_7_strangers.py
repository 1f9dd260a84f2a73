"""curl and Python's `websockets` get through with the protocol page alone: its own examples as they stand, and what it says
beyond them."""

import json
import re
import subprocess
import sys

import pytest
from server import ROOT
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PAGE = ROOT / "Docs" / "protocol.md"


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_curl_examples_of_the_protocol_page_run_as_they_stand(serve):
    server = serve()
    commands = [line for block in examples("sh") for line in block.replace("\\\n", " ").splitlines() if line.strip()]
    assert len(commands) >= 5
    for command in commands:
        ran = subprocess.run(
            ["bash", "-c", command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")],
            capture_output=True, text=True, timeout=20)
        assert ran.returncode == 0 and ran.stdout.strip(), f"{command}\n{ran.stdout}{ran.stderr}"
        if ran.stdout.lstrip().startswith("{"):
            assert "error" not in json.loads(ran.stdout), f"{command}\n{ran.stdout}"


@pytest.mark.parametrize("source", examples("python"))
def test_the_python_examples_of_the_protocol_page_run_as_they_stand(serve, source):
    server = serve()
    source = source.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=20)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def curl(server, method: str, path: str, body=None, *headers: str) -> tuple[int, dict, dict | None]:
    command = ["curl", "--silent", "--show-error", "--max-time", "10", "--include", "--request", method, server.http + path]
    for header in headers:
        command += ["--header", header]
    if body is not None:
        command += ["--header", "Content-Type: application/json", "--data", json.dumps(body)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    head, _, content = text.partition("\n\n") if "\r\n\r\n" not in text else text.partition("\r\n\r\n")
    first, *lines = head.splitlines()
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), fields, json.loads(content) if content.strip() else None


def test_curl_gets_through(serve):
    server = serve()
    assert curl(server, "GET", "/healthz")[0] == 200
    assert curl(server, "GET", "/readyz")[0] == 200

    status, _, body = curl(server, "GET", "/recipes/counter")
    assert status == 200 and body["name"] == "counter" and {"increment", "decrement", "reset"} <= set(body["handlers"])

    new = {"id": "score", "recipe": "counter"}
    assert curl(server, "POST", "/rooms", new)[0] == 201
    status, _, body = curl(server, "POST", "/rooms", new)
    assert (status, body["error"]["code"]) == (409, "room_exists")
    status, _, body = curl(server, "POST", "/rooms", {"id": "other", "recipe": "nosuch"})
    assert (status, body["error"]["code"]) == (404, "recipe_not_found")

    event, key = {"name": "increment"}, "Idempotency-Key: first"
    status, _, answer = curl(server, "POST", "/rooms/score/events", event, key)
    assert status == 200 and answer["seq"] >= 1
    assert curl(server, "POST", "/rooms/score/events", event, key)[2]["seq"] == answer["seq"]
    later = curl(server, "POST", "/rooms/score/events", event, "Idempotency-Key: second")[2]["seq"]
    assert later == answer["seq"] + 1

    status, fields, _ = curl(server, "GET", "/rooms/score/cells")
    assert status == 200 and fields["etag"].strip('W/"') == str(later)
    assert server.cells("score") == {"count": 2}
    status, _, body = curl(server, "GET", f"/rooms/score/cells?at={answer['seq']}")
    assert (body["cells"] if "cells" in body else body) == {"count": 1}
    status, _, body = curl(server, "GET", f"/rooms/score/commits?since={answer['seq']}")
    commits = body["commits"] if isinstance(body, dict) else body
    assert [commit["seq"] for commit in commits] == [later]

    assert "score" in json.dumps(curl(server, "GET", "/rooms?recipe=counter")[2])
    assert curl(server, "GET", "/rooms/score")[0] == 200
    assert curl(server, "DELETE", "/rooms/score")[0] in (200, 204)
    status, _, body = curl(server, "GET", "/rooms/score")
    assert (status, body["error"]["code"]) == (404, "room_not_found")


def test_pages_are_served_without_inline_script(serve):
    server = serve()
    for path, kind in (
        ("/", "text/html"), ("/r/chat/kitchen", "text/html"), ("/hearth.js", "text/javascript"), ("/hearth.css", "text/css"),
        ("/index.js", "text/javascript"), ("/index.css", "text/css"), ("/hearth.svg", "image/svg+xml"),
        ("/assets/chat/page.js", "text/javascript"), ("/assets/chat/page.css", "text/css"),
    ):
        answer = server.get(path)
        fields = {name.lower(): value for name, value in answer.headers.items()}
        assert answer.status == 200 and fields["content-type"].startswith(kind), path
    assert server.get("/assets/chat/..%2frecipe.lua").status == 404
    assert server.get("/r/nosuch/kitchen").status == 404


def test_websockets_gets_through(serve):
    server = serve()
    with connect(server.room("kitchen", "chat"), subprotocols=["hearth.v1"], proxy=None) as socket:
        assert socket.subprotocol == "hearth.v1"

        def ask(**message) -> None:
            socket.send(json.dumps(message))

        def until(type: str) -> list[dict]:
            messages = []
            while not messages or messages[-1]["type"] != type:
                messages.append(json.loads(socket.recv(timeout=10)))
            return messages

        ask(type="join", name="Ann")
        joined = until("joined")[-1]
        assert joined["protocol"] == "hearth.v1" and joined["recipe"]["name"] == "chat"
        assert joined["resumed"] is False and joined["last_event"] == 0
        assert {"session", "resume", "you", "epoch", "seq", "trace", "cells"} <= set(joined)

        ask(type="event", id=1, name="send", data={"text": "hello"})
        *_, commit, ack = until("ack")
        assert commit["type"] == "commit" and commit["seq"] == ack["seq"] and ack["id"] == 1
        assert commit["by"] == joined["session"] and commit["event"] == "send"
        message = next(change["value"] for change in commit["patch"] if change["path"].startswith("/messages/"))
        assert message["text"] == "hello" and message["author"] == {"$ref": f"user@{joined['session']}#"}

        ask(type="event", id=1, name="send", data={"text": "hello"})
        assert until("ack")[-1]["seq"] == ack["seq"], "the repeat of an event gets the first answer"
        ask(type="set", cell=f"typing@{joined['session']}", value=True)
        ask(type="ping", at=5)
        assert until("pong")[-1]["at"] == 5

        ask(type="sync_request")
        synchronised = until("sync_response")[-1]
        assert synchronised["seq"] == ack["seq"] and synchronised["epoch"] == joined["epoch"]
        assert synchronised["cells"]["count"] == 1
        assert synchronised["cells"][f"user@{joined['session']}"]["name"] == "Ann"

        ask(type="leave")
        assert until("bye")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
        assert socket.close_code == 1000
