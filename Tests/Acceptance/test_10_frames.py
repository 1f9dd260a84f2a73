"""WebSocket frames from outside, byte by byte: what RFC 6455 allows gets through, what it forbids ends with a reason."""

import json
import socket
import struct
import time

import pytest
from server import TEST_RECIPES, Server

TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0
LIMIT = 1 << 20


def frame(kind: int, payload: bytes = b"", fin: bool = True, reserved: int = 0, masked: bool = True, length=None) -> bytes:
    length = len(payload) if length is None else length
    head = bytes([fin << 7 | reserved << 4 | kind])
    if length < 126:
        head += bytes([masked << 7 | length])
    elif length < 1 << 16:
        head += bytes([masked << 7 | 126]) + struct.pack(">H", length)
    else:
        head += bytes([masked << 7 | 127]) + struct.pack(">Q", length)
    return head + (bytes(4) if masked else b"") + payload


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack(">H", code) + reason)


class Link:
    """A WebSocket made by hand, joined."""

    def __init__(self, server: Server, room: str = "frames"):
        self.link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.link.sendall(
            f"GET /rooms/{room}?recipe=faulty HTTP/1.1\r\nHost: hearth\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        self.stream = self.link.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass
        self.send(frame(TEXT, b'{"type":"join"}'))
        assert any(message["type"] == "joined" for message in self.until(lambda kind, text: b'"joined"' in text)[0])

    def send(self, *parts: bytes) -> None:
        self.link.sendall(b"".join(parts))

    def next(self) -> tuple[int, bytes]:
        first, length = self.stream.read(2)
        assert first & 0xF0 == 0x80, "a server's frame is whole"
        assert not length & 0x80, "and not masked"
        if length > 125:
            length = int.from_bytes(self.stream.read(2 if length == 126 else 8))
        return first & 0x0F, self.stream.read(length)

    def until(self, wanted) -> tuple[list[dict], bytes, int]:
        """Messages up to the frame that is wanted, that frame, and how many pings came before it."""
        messages, pings = [], 0
        while True:
            kind, payload = self.next()
            pings += kind == PING
            if kind == TEXT:
                messages.append(json.loads(payload))
            if wanted(kind, payload):
                return messages, payload, pings

    def end(self, answered: bool = False) -> tuple[list[dict], int | None, str]:
        """Messages before the server's close, its code and reason; the connection then ends in good order.
        `answered`: the server's close is the answer to ours."""
        messages, payload, _ = self.until(lambda kind, _: kind == CLOSE)
        code = int.from_bytes(payload[:2]) if payload else None
        if not answered:
            self.send(frame(CLOSE, payload[:2]))
        assert self.stream.read() == b""
        self.link.close()
        return messages, code, payload[2:].decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(
        tmp_path_factory.mktemp("frames"), recipes=TEST_RECIPES,
        arguments=("--heartbeat", "1", "--heartbeat-timeout", "3")).start()
    yield running
    running.stop()


def ping(at: str, size: int = 0) -> bytes:
    text = f'{{"type":"ping","at":"{at}","x":""}}'.encode()
    return text[:-2] + b"x" * max(0, size - len(text)) + text[-2:]


EURO = ping("€")
HALF = EURO.index("€".encode()) + 1
ALLOWED = {
    "one frame": frame(TEXT, EURO),
    "half a character in each": frame(TEXT, EURO[:HALF], fin=False) + frame(MORE, EURO[HALF:]),
    "a byte in each": frame(TEXT, fin=False) + b"".join(frame(MORE, bytes([byte]), fin=False) for byte in EURO) + frame(MORE),
    "nothing in most": frame(TEXT, EURO, fin=False) + frame(MORE, fin=False) * 20_000 + frame(MORE),
    "others between": frame(TEXT, EURO[:9], fin=False) + frame(PING, b"p" * 125) + frame(PONG) + frame(MORE, EURO[9:]),
    "the longest": frame(TEXT, ping("€", LIMIT)),
    "the longest in two": frame(TEXT, ping("€", LIMIT)[:9], fin=False) + frame(MORE, ping("€", LIMIT)[9:]),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_gets_through(server, name):
    link = Link(server)
    link.send(ALLOWED[name])
    messages, _, _ = link.until(lambda kind, text: kind == TEXT and b'"pong"' in text)
    assert messages[-1]["at"] == "€"
    link.send(close(4321, b"bye"))
    assert link.end(answered=True)[1:] == (4321, "")


FORBIDDEN = {
    "unmasked": (frame(TEXT, b"{}", masked=False), 1002),
    "an unmasked ping": (frame(PING, masked=False), 1002),
    "a reserved bit": (frame(TEXT, b"{}", reserved=4), 1002),
    "a reserved bit in a ping": (frame(PING, reserved=1), 1002),
    "an unknown kind": (frame(3), 1002),
    "an unknown kind of control": (frame(11), 1002),
    "a continuation of nothing": (frame(MORE, b"{}"), 1002),
    "a message in a message": (frame(TEXT, fin=False) + frame(TEXT, b"{}"), 1002),
    "a ping in parts": (frame(PING, fin=False), 1002),
    "a long ping": (frame(PING, b"p" * 126), 1002),
    "half a close code": (frame(CLOSE, b"\x03"), 1002),
    "a long close": (close(1000, b"x" * 124), 1002),
    "a close that is no UTF-8": (close(1000, b"\xff"), 1007),
    **{f"close code {code}": (close(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)},
    "binary": (frame(BINARY, b"{}"), 1003),
    "no UTF-8": (frame(TEXT, b'"\xff"'), 1007),
    "UTF-8 too long for its character": (frame(TEXT, b'"\xc0\xaf"'), 1007),
    "a surrogate": (frame(TEXT, b'"\xed\xa0\x80"'), 1007),
    "half a character": (frame(TEXT, EURO[:HALF], fin=False) + frame(MORE, b'"}'), 1007),
    "a byte too many": (frame(TEXT, b"x" * (LIMIT + 1)), 1009),
    "much too much": (frame(TEXT, b"x" * 3 * LIMIT), 1009),
    "a byte too many in parts": (frame(TEXT, b"x" * LIMIT, fin=False) + frame(MORE, b"x"), 1009),
    "more than there is": (frame(TEXT, length=1 << 62), 1009),
    "a length of 64 bits": (frame(TEXT, length=(1 << 63) + 1), 1002),
    "a short length in two bytes": (bytes([0x81, 0xFE, 0, 125]) + bytes(4 + 125), 1002),
    "a short length in eight bytes": (bytes([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), 1002),
    "a wrong byte of a message that has not come": (frame(TEXT, b'"\xe2\x28', length=1000), 1007),
    "a wrong byte at the border of two fragments": (frame(TEXT, b"\xf0\x9f", fin=False) + frame(MORE, b"x", length=99), 1007),
    "compressed though nothing was agreed on": (frame(TEXT, b"\x00", reserved=4), 1002),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_forbidden_ends_with_a_reason(server, name):
    sent, code = FORBIDDEN[name]
    room = "forbidden-" + "".join(letter if letter.isalnum() else "-" for letter in name)
    link = Link(server, room)
    link.send(sent)
    messages, got, reason = link.end()
    assert got == code and reason
    assert (messages[-1]["type"], messages[-1]["code"]) == ("bye", code)
    assert len(server.log_lines("socket closed", f"room={room} ", f"code={code}")) == 1


@pytest.mark.parametrize("sent, code", [(close(1000), 1000), (close(3000, b"x" * 123), 3000), (frame(CLOSE), None)])
def test_a_close_is_answered_in_kind_and_nothing_after_it_is_heard(server, sent, code):
    link = Link(server)
    link.send(sent, frame(TEXT, ping("late")))
    messages, got, _ = link.end(answered=True)
    assert got == code and not messages


def test_a_client_that_stops_sending_is_let_go(server):
    link = Link(server, "half")
    link.send(frame(TEXT, ping("last")))
    link.link.shutdown(socket.SHUT_WR)
    assert b'"pong"' in link.stream.read()
    assert len(server.log_lines("socket closed", "room=half ", "stopped sending")) == 1


def test_a_silent_client_is_closed_and_one_that_answers_pings_stays(server):
    silent, alive = Link(server, "silent"), Link(server, "alive")
    began, answered = time.monotonic(), 0
    while time.monotonic() < began + 4.5:
        kind, payload = alive.next()
        if kind == PING:
            alive.send(frame(PONG, payload))
            answered += 1
    assert answered >= 3
    alive.send(close(1000))
    assert alive.end(answered=True)[1] == 1000
    messages, code, reason = silent.end()
    assert code == 4408 and reason and messages[-1]["type"] == "bye"
    assert len(server.log_lines("socket closed", "room=silent ", "code=4408")) == 1
