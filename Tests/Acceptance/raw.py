"""A WebSocket made by hand: handshakes and frames as bytes, so that a test can send what no library would."""

import base64
import hashlib
import socket
import ssl
import struct
import zlib

TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
STANDARD = {
    "Host": "hearth", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


def masked(payload: bytes, key: bytes) -> bytes:
    length = len(payload)
    whole = int.from_bytes(payload) ^ int.from_bytes((key * (length // 4 + 1))[:length])
    return whole.to_bytes(length)


def frame(kind: int, payload: bytes = b"", fin: bool = True, reserved: int = 0, key: bytes | None = b"\x12\x34\x56\x78",
          length: int | None = None) -> bytes:
    """`key` None: not masked. `length`: what the header says, else the payload's own."""
    said = len(payload) if length is None else length
    mask = 0x80 if key else 0
    head = bytes([fin << 7 | reserved << 4 | kind])
    if said < 126:
        head += bytes([mask | said])
    elif said < 1 << 16:
        head += bytes([mask | 126]) + struct.pack(">H", said)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", said)
    return head + (key + masked(payload, key) if key else payload)


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack(">H", code) + reason)


def accept(key: str) -> str:
    """RFC 6455, 4.2.2."""
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


def pressed(text: bytes, bits: int = 15) -> bytes:
    """RFC 7692, 7.2.1."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -bits)
    return (squeeze.compress(text) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(payload: bytes, bits: int = 15) -> bytes:
    return zlib.decompressobj(-max(9, bits)).decompress(payload + b"\x00\x00\xff\xff")


class Link:
    """A connection. `head` holds the status and the header fields of the answer to the handshake."""

    def __init__(self, port: int, path: str, fields: dict[str, str | None] | None = None, method: str = "GET",
                 version: str = "1.1", ahead: bytes = b"", receive_bytes: int | None = None,
                 secure: ssl.SSLContext | None = None):
        self.link = socket.socket()
        self.link.settimeout(10)
        if receive_bytes:
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.link.connect(("127.0.0.1", port))
        if secure:
            self.link = secure.wrap_socket(self.link, server_hostname="localhost")
        lines = [f"{method} {path} HTTP/{version}"]
        for name, value in (STANDARD | (fields or {})).items():
            lines += [f"{name}: {part}" for part in value.split("\n")] if value is not None else []
        self.link.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + ahead)
        self.stream = self.link.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        self.head: dict[str, str] = {}
        while (line := self.stream.readline().strip()):
            name, _, value = line.decode().partition(":")
            self.head[name.lower()] = value.strip()

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_) -> None:
        self.stream.close()
        self.link.close()

    def body(self) -> bytes:
        return self.stream.read(int(self.head.get("content-length", 0)))

    def send(self, *parts: bytes) -> None:
        self.link.sendall(b"".join(parts))

    def next(self) -> tuple[int, bytes, bool]:
        """Kind, payload, and whether it is compressed."""
        head = self.stream.read(2)
        assert len(head) == 2, "the connection ended"
        first, length = head
        assert first & 0xB0 == 0x80 and not length & 0x80, "a server's frame is whole and not masked"
        if length > 125:
            length = int.from_bytes(self.stream.read(2 if length == 126 else 8))
        return first & 0x0F, self.stream.read(length), bool(first & 0x40)

    def closed(self) -> tuple[int | None, bytes]:
        """Code and reason of the server's close frame, whatever comes before it; nothing comes after it."""
        while True:
            kind, payload, _ = self.next()
            if kind == CLOSE:
                assert self.stream.read() == b"", "data after the close frame"
                return (int.from_bytes(payload[:2]) if payload else None), payload[2:]
