"""The wire to the letter, where the usual conformance suites do not look: handshakes, masks, close codes, compression."""

import json
import os
import socket
import time

import pytest
from raw import BINARY, CLOSE, KEY, MORE, PING, PONG, TEXT, Link, accept, close, frame, inflated, pressed
from server import TEST_RECIPES, Server

ROOM = "/rooms/wire?recipe=faulty"
DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
JOIN = frame(TEXT, b'{"type":"join"}')


def ping(at: str) -> bytes:
    return json.dumps({"type": "ping", "at": at}).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("wire"), recipes=TEST_RECIPES, arguments=("--test-echo",)).start()
    yield running
    running.stop()


def echo(server: Server, **more) -> Link:
    link = Link(server.port, "/test/echo", **more)
    assert link.status == 101
    return link


# Handshakes


@pytest.mark.parametrize("key", [KEY, "AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w==", "x3JJHMbDL1EzLkh9GBhXDw=="])
def test_the_key_is_answered_with_its_own_hash(server, key):
    with Link(server.port, ROOM, {"Sec-WebSocket-Key": key}) as link:
        assert link.status == 101
        assert link.head["sec-websocket-accept"] == accept(key)
        assert link.head["upgrade"].lower() == "websocket" and link.head["connection"].lower() == "upgrade"
        assert "sec-websocket-protocol" not in link.head and "sec-websocket-extensions" not in link.head


REFUSED = {
    "no key": ({"Sec-WebSocket-Key": None}, 400),
    "two keys": ({"Sec-WebSocket-Key": f"{KEY}\n{KEY}"}, 400),
    "a short key": ({"Sec-WebSocket-Key": "AAAA"}, 400),
    "a key that is no base64": ({"Sec-WebSocket-Key": "!" * 22 + "=="}, 400),
    "no version": ({"Sec-WebSocket-Version": None}, 400),
    "an old version": ({"Sec-WebSocket-Version": "8"}, 426),
    "several versions": ({"Sec-WebSocket-Version": "13, 8"}, 426),
    "no Connection: Upgrade": ({"Connection": "keep-alive"}, 400),
    "malformed extensions": ({"Sec-WebSocket-Extensions": "permessage-deflate; ="}, 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_handshake_that_is_wrong_is_refused_with_what_would_be_right(server, name):
    fields, status = REFUSED[name]
    with Link(server.port, ROOM, fields) as link:
        assert link.status == status
        assert link.head["sec-websocket-version"] == "13"
        error = json.loads(link.body())["error"]
        assert error["code"] in ("bad_upgrade", "upgrade_required") and error["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "DELETE", "OPTIONS"])
def test_only_get_makes_a_socket(server, method):
    with Link(server.port, "/test/echo", {"Connection": "close"}, method=method) as link:
        assert link.status in (404, 405)


def test_a_subprotocol_is_only_answered_when_it_was_offered(server):
    for offer, answer in [("hearth.v1", "hearth.v1"), ("chat, hearth.v1", "hearth.v1"), ("chat", None), ("HEARTH.V1", None)]:
        with Link(server.port, ROOM, {"Sec-WebSocket-Protocol": offer}) as link:
            assert link.status == 101 and link.head.get("sec-websocket-protocol") == answer


def test_frames_that_come_with_the_handshake_are_read(server):
    with echo(server, ahead=frame(TEXT, b"early") + frame(TEXT, b"bird")) as link:
        assert [link.next()[:2], link.next()[:2]] == [(TEXT, b"early"), (TEXT, b"bird")]


def test_the_echo_is_there_only_for_those_who_ask_for_it(serve):
    server = serve(recipes=TEST_RECIPES)
    with Link(server.port, "/test/echo") as link:
        assert link.status == 404
    assert "test-echo" not in server.run("serve", "--help").stdout


# Frames


@pytest.mark.parametrize("kind", [TEXT, BINARY, PING, PONG, CLOSE])
def test_a_frame_without_mask_ends_with_1002(server, kind):
    payload = b"\x03\xe8" if kind == CLOSE else b"x"
    with echo(server) as link:
        link.send(frame(kind, payload, key=None), frame(TEXT, b"never"))
        assert link.closed()[0] == 1002


@pytest.mark.parametrize("key", [bytes(4), b"\x00\x00\x00\x01", b"\xff\xff\xff\xff", b"\x80\x01\x7f\xfe"])
def test_every_mask_is_taken_off_however_the_bytes_are_cut(server, key):
    text = "žluťoučký kůň 🐎 ".encode() * 9
    with echo(server) as link:
        sent = frame(TEXT, text, key=key)
        link.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for cut in range(0, len(sent), 7):
            link.send(sent[cut:cut + 7])
        assert link.next() == (TEXT, text, False)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
def test_a_close_code_comes_back_as_it_is(server, code):
    with echo(server) as link:
        link.send(close(code, "dost už".encode()), frame(TEXT, b"late"), close(1000))
        began = time.monotonic()
        assert link.closed() == (code, b"")
        assert time.monotonic() - began < 1, "the server ends its side at once"


def test_a_close_in_pieces_between_fragments_is_answered(server):
    with echo(server) as link:
        link.send(frame(TEXT, b"half", fin=False), frame(PING, b"?"))
        assert link.next()[:2] == (PONG, b"?")
        for byte in close(4000):
            link.send(bytes([byte]))
        assert link.closed() == (4000, b"")


def test_text_that_cannot_become_utf8_is_refused_before_it_has_come(server):
    for start in (b"\xc0", b"ok\xe2\x28", b"\xed\xa0", b"\xf4\x90", b"\xff"):
        with echo(server) as link:
            link.send(frame(TEXT, start, length=1_000))
            assert link.closed()[0] == 1007, start
    with echo(server) as link:
        link.send(frame(TEXT, b"\xf0\x9f", fin=False), frame(MORE, b"\xab", fin=False), frame(MORE, b"\x41", length=9))
        assert link.closed()[0] == 1007


def test_a_message_that_is_announced_takes_no_memory(server):
    links = [echo(server) for _ in range(50)]
    before = resident(server)
    for link in links:
        link.send(frame(TEXT, b"x", length=1 << 20))
    time.sleep(0.5)  # nothing is answered that could be awaited
    assert resident(server) - before < 10 << 20
    for link in links:
        link.__exit__()


def test_a_client_that_ends_only_its_side_gets_what_it_was_sent(server):
    with echo(server) as link:
        text = b"x" * 500_000
        link.send(frame(TEXT, text), frame(TEXT, b"last"))
        link.link.shutdown(socket.SHUT_WR)
        assert [link.next()[1], link.next()[1]] == [text, b"last"]
        assert link.stream.read() == b""


def test_a_peer_that_does_not_end_its_side_is_not_waited_for_long(server):
    with echo(server) as link:
        link.send(close(1000))
        began = time.monotonic()
        assert link.closed() == (1000, b"")
        assert time.monotonic() - began < 1
        link.link.settimeout(10)
        with pytest.raises(OSError):  # the server is gone: a reset answers what is still sent
            while time.monotonic() - began < 10:
                link.send(frame(TEXT, b"still here"))
                time.sleep(0.1)
        assert 3 < time.monotonic() - began < 8


# Compression

OFFERS = [
    ("permessage-deflate", {"server_no_context_takeover", "client_no_context_takeover"}),
    ("permessage-deflate; client_max_window_bits", {"server_no_context_takeover", "client_max_window_bits=12"}),
    ("permessage-deflate; client_max_window_bits=10; server_max_window_bits=9",
     {"server_no_context_takeover", "client_max_window_bits=10", "server_max_window_bits=9"}),
    ("permessage-deflate; unknown, permessage-deflate; client_max_window_bits=15; client_no_context_takeover",
     {"server_no_context_takeover", "client_no_context_takeover", "client_max_window_bits=12"}),
    ("permessage-deflate; server_max_window_bits=16", None),
    ("permessage-deflate; client_max_window_bits=9; client_max_window_bits=9", None),
    ("x-webkit-deflate-frame", None),
]


@pytest.mark.parametrize("offer, answer", OFFERS)
def test_compression_is_agreed_on_as_it_was_offered(server, offer, answer):
    with Link(server.port, ROOM, {"Sec-WebSocket-Extensions": offer}) as link:
        assert link.status == 101
        got = link.head.get("sec-websocket-extensions")
        if answer is None:
            assert got is None
        else:
            name, *parameters = (part.strip() for part in got.split(";"))
            assert name == "permessage-deflate" and set(parameters) == answer and len(parameters) == len(answer)


def test_a_server_without_compression_agrees_to_none(serve):
    server = serve(recipes=TEST_RECIPES, arguments=("--no-deflate",))
    with Link(server.port, ROOM, DEFLATE) as link:
        assert link.status == 101 and "sec-websocket-extensions" not in link.head
        link.send(frame(TEXT, pressed(b'{"type":"join"}'), reserved=4))
        assert link.closed()[0] == 1002


@pytest.mark.parametrize("bits", [8, 9, 12, 15])
def test_a_room_speaks_to_every_window(serve, bits):
    server = serve(recipes=TEST_RECIPES, arguments=("--compress-min", "1"))
    with Link(server.port, ROOM, {"Sec-WebSocket-Extensions": f"permessage-deflate; server_max_window_bits={bits}"}) as link:
        link.send(frame(TEXT, pressed(b'{"type":"join"}'), reserved=4))
        kinds = []
        for number in range(1, 4):
            while not kinds or kinds[-1] not in ("joined", "ack"):
                kinds.append(read(link, bits)["type"])
            link.send(frame(TEXT, pressed(json.dumps({"type": "event", "id": number, "name": "fine"}).encode()), reserved=4))
            kinds.append("sent")
        while kinds[-1] != "ack":
            kinds.append(read(link, bits)["type"])
        assert kinds == ["joined", "sent", "commit", "ack", "sent", "commit", "ack", "sent", "commit", "ack"]


def read(link: Link, bits: int = 15) -> dict:
    kind, payload, is_pressed = link.next()
    assert kind == TEXT
    return json.loads(inflated(payload, bits) if is_pressed else payload)


def test_what_is_short_is_not_compressed_and_control_frames_never(server):
    with Link(server.port, ROOM, DEFLATE) as link:
        link.send(JOIN, frame(PING, b"p" * 125), frame(TEXT, ping("now")))
        seen = {}
        while not {"joined", "pong"} <= seen.keys():
            kind, payload, is_pressed = link.next()
            if kind == PONG:
                assert not is_pressed and payload == b"p" * 125
            else:
                seen[json.loads(inflated(payload) if is_pressed else payload)["type"]] = is_pressed
        assert seen["joined"] and not seen["pong"]
        link.send(close(1000))
        assert link.closed()[0] == 1000


def resident(server: Server) -> int:
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_bomb_is_refused_and_takes_no_memory(server):
    bomb = pressed(b" " * (256 << 20))
    assert len(bomb) < 300_000
    before = resident(server)
    for path in (ROOM, "/test/echo"):
        for parts in ([frame(TEXT, bomb, reserved=4)],
                      [frame(TEXT, bomb[:9], fin=False, reserved=4), frame(MORE, bomb[9:])]):
            with Link(server.port, path, DEFLATE) as link:
                link.send(*parts)
                assert link.closed()[0] == 1009
    assert resident(server) - before < 16 << 20


def test_broken_compression_is_refused_with_a_reason(server):
    for sent in (b"\xff\xff\xff", b"\xf2\x48", b"\x00\x05\x00\xfa\xffHel"):
        with Link(server.port, ROOM, DEFLATE) as link:
            link.send(JOIN, frame(TEXT, sent, reserved=4))
            code, reason = link.closed()
            assert code == 1007 and reason
    for sent in (frame(PING, reserved=4), frame(TEXT, reserved=4, fin=False) + frame(MORE, reserved=4), frame(TEXT, reserved=2)):
        with Link(server.port, ROOM, DEFLATE) as link:
            link.send(JOIN, sent)
            assert link.closed()[0] == 1002
