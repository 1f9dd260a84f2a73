"""The OpenAPI document against a live server: `schemathesis` makes requests of it, right ones and wrong ones."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from server import RECIPES, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("openapi")).start()
    yield running
    running.stop()


def test_schemathesis_finds_nothing(serve, tmp_path):
    # With one recipe the document says exactly which events a room takes; OpenAPI cannot say "those of the room's recipe".
    server = serve(recipes=RECIPES / "counter")
    document = tmp_path / "openapi.json"
    document.write_text(server.get("/openapi.json").text)
    run = subprocess.run(
        [
            Path(sys.executable).parent / "st", "run", document, "--url", server.http, "--checks", "all",
            "--max-examples", "8", "--seed", "1", "--no-color", "--request-timeout", "10",
        ],
        capture_output=True, text=True, timeout=180, cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(Path(__file__).parent)})
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]


def test_the_document_has_the_schemas_of_handlers(server):
    answer = server.get("/openapi.json")
    document = answer.json
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert schemas["chat.send"]["properties"]["text"]["maxLength"] == 2000
    events = document["paths"]["/rooms/{room}/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {"const": "increment"} in [event["properties"]["name"] for event in events]
    assert set(document["paths"]) >= {"/rooms", "/rooms/{room}", "/rooms/{room}/cells/{cell}", "/rooms/{room}/events"}


def ask(server: Server, method: str, path: str, body=None, **headers):
    request = urllib.request.Request(
        server.http + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


def code(answer) -> tuple[int, str]:
    return answer[0], json.loads(answer[2])["error"]["code"]


def test_a_room_is_made_once_for_a_key(server):
    body = {"id": "keyed", "recipe": "counter"}
    status, _, first = ask(server, "POST", "/rooms", body, Idempotency_Key="k1")
    assert status == 201
    ask(server, "POST", "/rooms/keyed/events", {"name": "increment"})
    assert ask(server, "POST", "/rooms", body, Idempotency_Key="k1")[::2] == (201, first)
    server.restart()
    assert ask(server, "POST", "/rooms", body, Idempotency_Key="k1")[::2] == (201, first)
    assert code(ask(server, "POST", "/rooms", {**body, "input": 1}, Idempotency_Key="k1")) == (422, "idempotency_key_reused")
    assert code(ask(server, "POST", "/rooms", {**body, "id": "other"}, Idempotency_Key="k1")) == (422, "idempotency_key_reused")
    assert code(ask(server, "POST", "/rooms", body, Idempotency_Key="k2")) == (409, "room_exists")
    assert code(ask(server, "POST", "/rooms", body)) == (409, "room_exists")


def test_a_key_belongs_to_one_request(server):
    ask(server, "POST", "/rooms", {"id": "events", "recipe": "counter"})
    event = {"name": "increment"}
    first = ask(server, "POST", "/rooms/events/events", event, Idempotency_Key="k")
    assert ask(server, "POST", "/rooms/events/events", event, Idempotency_Key="k")[::2] == first[::2]
    assert code(ask(server, "POST", "/rooms/events/events", {**event, "data": {}}, Idempotency_Key="k")) == (
        422, "idempotency_key_reused")
    server.restart()
    assert ask(server, "POST", "/rooms/events/events", event, Idempotency_Key="k")[::2] == first[::2]
    assert code(ask(server, "POST", "/rooms/events/events", {"name": "other"}, Idempotency_Key="k")) == (
        422, "idempotency_key_reused")


def test_commits_are_listed_by_cursor(server):
    ask(server, "POST", "/rooms", {"id": "long", "recipe": "counter"})
    for _ in range(6):
        ask(server, "POST", "/rooms/long/events", {"name": "increment"})
    seen, since = [], 0
    while since is not None:
        page = server.get(f"/rooms/long/commits?since={since}&limit=3").json
        seen += [commit["seq"] for commit in page["commits"]]
        since = page["next"]
    assert seen == list(range(1, 8))


def test_a_limit_beyond_the_largest_is_refused(server):
    answer = server.get("/rooms?limit=1001")
    assert answer.status == 400 and "1000" in answer.json["error"]["message"]
    assert server.get("/rooms?limit=1000").status == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/rooms", "/rooms/nosuch", "/recipes/chat", "/nosuch", "/metrics", "/rooms?limit=0"])
def test_head_answers_like_get_without_the_body(server, path):
    status, fields, body = ask(server, "HEAD", path)
    got = server.get(path)
    assert (status, body) == (got.status, "")
    assert fields["Content-Type"] == got.headers["Content-Type"]
    if path != "/metrics" and got.status == 200:
        assert fields["Content-Length"] == got.headers["Content-Length"]
    assert ask(server, "HEAD", "/healthz")[0] == 200


@pytest.mark.parametrize("type, status", [
    ("application/json", 200), ("application/json; charset=utf-8", 200), ("application/vnd.x+json", 200),
    ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415), ("json", 415),
])
def test_bodies_are_json(server, type, status):
    ask(server, "POST", "/rooms", {"id": "typed", "recipe": "counter"})
    answer = ask(server, "POST", "/rooms/typed/events", {"name": "increment"}, **{"Content-Type": type})
    assert answer[0] == status
    if status == 415:
        assert code(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize("accept, status", [
    ("*/*", 200), ("application/*", 200), ("application/json", 200), ("text/html, */*;q=0.1", 200),
    ("text/html", 406), ("application/json;q=0", 406), ("application/xml, text/plain", 406),
])
def test_answers_are_json(server, accept, status):
    assert ask(server, "GET", "/recipes", Accept=accept)[0] == status


def test_pages_of_other_origins_are_told_what_they_may(tmp_path):
    server = Server(tmp_path, arguments=("--allow-origin", "https://app.example")).start()
    try:
        own, friend, foe = f"http://127.0.0.1:{server.port}", "https://app.example", "https://evil.example"
        status, fields, _ = ask(server, "OPTIONS", "/rooms/a/events", Origin=friend, Access_Control_Request_Method="POST")
        assert status == 204 and fields["Access-Control-Allow-Origin"] == friend
        assert fields["Access-Control-Allow-Methods"] == fields["Allow"] == "POST, OPTIONS"
        assert "Idempotency-Key" in fields["Access-Control-Allow-Headers"]
        status, fields, _ = ask(server, "OPTIONS", "/rooms", Origin=foe, Access_Control_Request_Method="POST")
        assert status == 204 and "Access-Control-Allow-Origin" not in fields

        body = {"id": "a", "recipe": "counter"}
        assert code(ask(server, "POST", "/rooms", body, Origin=foe)) == (403, "origin_not_allowed")
        assert code(ask(server, "POST", "/rooms", body, Origin="null")) == (403, "origin_not_allowed")
        assert ask(server, "POST", "/rooms", body, Origin=own)[0] == 201
        status, fields, _ = ask(server, "POST", "/rooms", {**body, "id": "b"}, Origin=friend)
        assert status == 201 and fields["Access-Control-Allow-Origin"] == friend and fields["Vary"] == "Origin"
        status, fields, _ = ask(server, "GET", "/rooms", Origin=foe)
        assert status == 200 and "Access-Control-Allow-Origin" not in fields
        assert ask(server, "GET", "/rooms/nosuch", Origin=friend)[1]["Access-Control-Allow-Origin"] == friend
        assert server.log_lines("origin_not_allowed")
    finally:
        server.stop()
