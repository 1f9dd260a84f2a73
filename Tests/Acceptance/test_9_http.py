"""HTTP from outside, byte by byte: every request ends in an answer that says what was wrong, and nothing harms the server."""

import gzip
import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from server import RECIPES, Server

CLOSED = ["Connection: close"]
EVENT = json.dumps({"name": "increment"}).encode()


def request(method: str, path: str, body: bytes | None = None, *fields: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: hearth", *fields]
    if body is not None and not any(field.startswith(("Content-Length", "Transfer-Encoding")) for field in fields):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def ask(server: Server, sent: bytes, half_close: bool = False) -> tuple[int, dict[str, str], bytes]:
    """Sends bytes and reads until the server closes: one answer, or the test fails."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
        link.sendall(sent)
        if half_close:
            link.shutdown(socket.SHUT_WR)
        received = b""
        while part := link.recv(65_536):
            received += part
    assert len(re.findall(rb"HTTP/1\.1 \d", received)) == 1, received
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), fields, body


def call(server: Server, method: str, path: str, body: bytes | None = None, *fields: str):
    status, heads, content = ask(server, request(method, path, body, "Connection: close", *fields))
    return status, heads, json.loads(content) if content else None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("http"), recipes=RECIPES).start()
    assert call(running, "POST", "/rooms", b'{"id": "a", "recipe": "counter"}')[0] == 201
    yield running
    running.stop()


def new(id: str) -> bytes:
    return request("POST", "/rooms", json.dumps({"id": id, "recipe": "counter"}).encode(), *CLOSED)


def event(body: bytes, *fields: str) -> bytes:
    return request("POST", "/rooms/a/events", body, *CLOSED, *fields)


def get(path: str) -> bytes:
    return request("GET", path, None, *CLOSED)


CHUNK = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
REFUSED = {
    # No request at all: answered, and the connection is closed without our asking for it.
    "an unknown method": (request("FOO", "/rooms"), 400, "bad_request"),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(50), 400, "bad_request"),
    "another version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400, "bad_request"),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad_request"),
    "two hosts": (request("GET", "/healthz", None, "Host: other"), 400, "bad_request"),
    "a path that is not ASCII": (request("GET", "/rooms/č"), 400, "bad_request"),
    "a space before a colon": (request("GET", "/healthz", None, "X : y"), 400, "bad_request"),
    "a head too large": (request("GET", "/healthz", None, "X: " + "y" * 100_000), 431, "too_large"),
    "too many fields": (request("GET", "/healthz", None, *(f"X{n}: y" for n in range(10_000))), 431, "too_large"),
    "a negative length": (request("POST", "/rooms", b"{}", "Content-Length: -1"), 400, "bad_request"),
    "two lengths": (request("POST", "/rooms", b"{}", "Content-Length: 2", "Content-Length: 3"), 400, "bad_request"),
    "a length and chunks": (
        request("POST", "/rooms", b"2\r\n{}\r\n0\r\n\r\n", "Content-Length: 2", "Transfer-Encoding: chunked"), 400,
        "bad_request"),
    "a bad chunk": (request("POST", "/rooms", b"zz\r\n{}\r\n", "Transfer-Encoding: chunked"), 400, "bad_request"),
    "too long a body to come": (request("POST", "/rooms", b"", "Content-Length: 99999999999"), 413, "too_large"),
    "too long a body, were it wanted": (
        request("POST", "/rooms", b"", "Content-Length: 9999999", "Expect: 100-continue"), 413, "too_large"),
    "chunks without end": (request("POST", "/rooms", CHUNK * 8, "Transfer-Encoding: chunked"), 413, "too_large"),
    # Requests, but not ours.
    "no body": (event(b""), 422, "invalid_data"),
    "no JSON": (event(b"{nope"), 400, "bad_message"),
    "a list": (event(b"[]"), 400, "bad_message"),
    "no UTF-8": (event(b'{"name":"\xff"}'), 400, "bad_message"),
    "UTF-16": (event(EVENT.decode().encode("utf-16")), 400, "bad_message"),
    "half a surrogate": (event(b'{"name":"\\ud800"}'), 400, "bad_message"),
    "a deep body": (event(b'{"name":' + b"[" * 5_000), 400, "bad_message"),
    "a form": (event(b"name=increment"), 400, "bad_message"),
    "a packed body": (event(gzip.compress(EVENT), "Content-Encoding: gzip"), 415, "unsupported_media_type"),
    "a name that is a number": (event(b'{"name": 3}'), 422, "invalid_data"),
    "an unknown event": (event(b'{"name": "nosuch"}'), 404, "unknown_event"),
    "an empty key": (event(EVENT, "Idempotency-Key: "), 422, "invalid_data"),
    "a long key": (event(EVENT, "Idempotency-Key: " + "k" * 201), 422, "invalid_data"),
    "a room without a name": (new(""), 422, "invalid_data"),
    "a long room": (new("x" * 129), 422, "invalid_data"),
    "a room up there": (new(".."), 422, "invalid_data"),
    "a room in a room": (new("a/b"), 422, "invalid_data"),
    "a room with a NUL": (new("a\0"), 422, "invalid_data"),
    "a room for a terminal": (new("a\u009b31m"), 422, "invalid_data"),
    "a room of two lines": (new("a\u2028b"), 422, "invalid_data"),
    "a broken escape": (get("/rooms/%zz"), 400, "bad_request"),
    "half an escape": (get("/rooms/a%"), 400, "bad_request"),
    "an escape that is no UTF-8": (get("/rooms/%ff"), 400, "bad_request"),
    "an escaped slash": (get("/rooms/a%2Fb"), 404, "room_not_found"),
    "no rooms": (get("/rooms?limit=0"), 400, "bad_request"),
    "fewer than no rooms": (get("/rooms?limit=-1"), 400, "bad_request"),
    "no commits": (get("/rooms/a/commits?limit=0"), 400, "bad_request"),
    "a limit beyond numbers": (get("/rooms?limit=99999999999999999999"), 400, "bad_request"),
    "a time to come": (get("/rooms/a/cells?at=9999"), 404, "seq_not_found"),
    "the largest time": (get("/rooms/a/cells?at=9223372036854775807"), 404, "seq_not_found"),
    "a time beyond numbers": (get("/rooms/a/cells?at=9223372036854775808"), 400, "bad_request"),
    "a time before time": (get("/rooms/a/cells?at=-1"), 400, "bad_request"),
    "an unknown cell": (get("/rooms/a/cells/nosuch?at=1"), 404, "cell_not_found"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_served_is_refused_with_a_reason(server, name):
    sent, status, code = REFUSED[name]
    answer = ask(server, sent)
    assert answer[0] == status, answer
    assert json.loads(answer[2])["error"]["code"] == code
    assert server.get("/healthz").status == 200
    assert server.log_lines("request refused", f"code={code}")


def test_a_body_that_breaks_off(server):
    sent = request("POST", "/rooms/a/events", EVENT[:5], f"Content-Length: {len(EVENT)}")
    status, _, body = ask(server, sent, half_close=True)
    assert status == 400 and json.loads(body)["error"]["code"] == "bad_request"


def test_old_and_careful_clients_get_through(server):
    assert ask(server, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
        body = b'{"id": "careful", "recipe": "counter"}'
        link.sendall(request("POST", "/rooms", body, *CLOSED, "Expect: 100-continue")[:-len(body)])
        assert link.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        link.sendall(body)
        assert link.recv(65_536).startswith(b"HTTP/1.1 201 ")
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in EVENT) + b"0\r\n\r\n"
    assert call(server, "POST", "/rooms/a/events", pieces, "Transfer-Encoding: chunked")[0] == 200


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", "/rooms", "GET, HEAD, POST, OPTIONS"), ("POST", "/rooms/a", "GET, HEAD, DELETE, OPTIONS"),
    ("GET", "/rooms/a/events", "POST, OPTIONS"), ("DELETE", "/rooms/a/cells/count", "GET, HEAD, OPTIONS"),
    ("PATCH", "/healthz", "GET, HEAD, OPTIONS"), ("POST", "/r/counter/a", "GET, HEAD, OPTIONS"),
])
def test_another_method_is_told_which_there_are(server, method, path, allowed):
    status, fields, body = call(server, method, path)
    assert (status, fields["allow"], body["error"]["code"]) == (405, allowed, "method_not_allowed")


def test_rooms_are_listed_by_cursor(server):
    ids = {"a"} | {f"list {n} čaj?#%" for n in range(5)}
    for id in ids - {"a"}:
        status, fields, _ = call(server, "POST", "/rooms", json.dumps({"id": id, "recipe": "counter"}).encode())
        assert status == 201 and call(server, "GET", fields["location"])[2]["id"] == id
    seen, after = [], ""
    while after is not None:
        page = call(server, "GET", f"/rooms?recipe=counter&limit=2&after={after}")[2]
        assert 0 < len(page["rooms"]) <= 2
        seen += [room["id"] for room in page["rooms"]]
        after = page["next"] and "".join(f"%{byte:02x}" for byte in page["next"].encode())
    assert seen == sorted(set(seen)) and ids <= set(seen)


def test_what_has_not_changed_is_not_sent_again(server):
    tag = call(server, "GET", "/rooms/a/cells")[1]["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        status, fields, body = call(server, "GET", "/rooms/a/cells", None, f"If-None-Match: {known}")
        assert (status, fields["etag"], body) == (304, tag, None)
    assert call(server, "GET", "/rooms/a/cells", None, 'If-None-Match: "x"')[0] == 200


def test_a_key_makes_an_event_happen_once(server):
    def send(key: str) -> dict:
        return call(server, "POST", "/rooms/a/events", EVENT, f"Idempotency-Key: {key}")[2]

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(send, ["same"] * 20))
    assert all(answer == answers[0] for answer in answers)
    count = server.cells("a")["count"]
    server.restart()
    assert send("same") == answers[0] and server.cells("a")["count"] == count
    assert send("other")["seq"] > answers[0]["seq"] and server.cells("a")["count"] == count + 1


def test_a_proxy_that_keeps_its_connections_gets_sockets_through(server):
    status, fields, _ = ask(server, request("GET", "/healthz", None, "X-Forwarded-For: 10.0.0.1"))
    assert status == 200 and fields["connection"] == "close"
