"""Connections that are almost right. A case is a function of its number and the seed alone, so that it can be had again."""

import json
import random
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Acceptance"))
from raw import BINARY, CLOSE, MORE, PING, PONG, STANDARD, TEXT, close, frame  # noqa: E402

ROOMS = [("feed", "feed"), ("faulty", "faulty"), ("form", "form"), ("twenty", "twenty")]
WORDS = ["", "a", "post", "fine", "picky", "total", "latest", "$ref", "cells#/0", "žluťoučký", "🐎", "\x00", "\ud800",
         "__proto__", "x" * 300, "a/b~0~1", "total@x", "-", "1e999"]
NUMBERS = [0, 1, 2, -1, 1 << 31, 1 << 53, (1 << 63) - 1, 1 << 63, 1 << 64, 0.1, -0.0, 1e308, 1e-320]
OFFERS = ["permessage-deflate", "permessage-deflate; client_max_window_bits",
          "permessage-deflate; client_no_context_takeover; server_max_window_bits=9",
          "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8", "permessage-deflate; x=\"y\\z\"", ";"]
FIELDS = ["id", "name", "data", "basis", "strict", "cell", "value", "resume", "since", "epoch", "state", "batch", "token",
          "ask", "at", "type"]
TYPES = ["join", "event", "answer", "set", "sync_request", "auth", "ping", "leave", "joined", "", "x"]


class Case:
    def __init__(self, seed: int, number: int):
        self.dice = random.Random(f"{seed}:{number}")
        self.deflates = self.dice.random() < 0.4
        self.squeeze = zlib.compressobj(self.dice.choice([1, 9]), zlib.DEFLATED, -self.dice.choice([9, 12, 15]))
        self.events = 0

    # JSON

    def value(self, depth: int = 0):
        dice = self.dice
        kind = dice.random()
        if depth > 3 or kind < 0.5:
            return dice.choice([None, True, False, dice.choice(NUMBERS), dice.choice(WORDS), "x" * dice.choice([9, 3_000])])
        if kind < 0.75:
            return [self.value(depth + 1) for _ in range(dice.choice([0, 1, 3, 40]))]
        return {dice.choice(WORDS): self.value(depth + 1) for _ in range(dice.choice([0, 1, 3]))}

    def message(self) -> dict:
        dice = self.dice
        match dice.randrange(8):
            case 0 | 1 | 2:
                self.events += 1
                return {"type": "event", "id": self.events, "name": dice.choice(["post", "fine", "picky", "broken"]),
                        "data": self.value()}
            case 3: return {"type": "ping", "at": self.value()}
            case 4: return {"type": "sync_request"}
            case 5: return {"type": "set", "cell": dice.choice(WORDS), "value": self.value()}
            case 6: return {"type": "answer", "ask": dice.choice(WORDS), "data": self.value()}
            case _: return {"type": dice.choice(TYPES), dice.choice(FIELDS): self.value()}

    def text(self, message: dict) -> bytes:
        dice = self.dice
        if dice.random() < 0.2:
            message = message | {dice.choice(FIELDS): self.value()}
        text = json.dumps(message, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
        match dice.randrange(30):
            case 0: return b"[" * dice.choice([1, 127, 129, 5_000]) + text
            case 1: return text[:dice.randrange(len(text))]
            case 2: return self.mutated(text)
            case 3: return text.replace(b"1", dice.choice([b"01", b"1e", b"-", b"1.", b"9" * 400, b"NaN"]))
            case 4: return b" \n\t" * 100 + text + b"\xef\xbb\xbf"
            case _: return text

    # Frames

    def frames(self, text: bytes) -> bytes:
        dice = self.dice
        reserved = 0
        if self.deflates and dice.random() < 0.7:
            text = self.squeeze.compress(text) + self.squeeze.flush(zlib.Z_SYNC_FLUSH)
            text = text[:-4] if dice.random() < 0.97 else text
            if dice.random() < 0.05:
                text = self.mutated(text)
            reserved = 4
        parts, out = [text], b""
        if dice.random() < 0.3:
            cuts = sorted(dice.randrange(len(text) + 1) for _ in range(dice.choice([1, 2, 9])))
            parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)])]
        for index, part in enumerate(parts):
            out += self.frame(TEXT if index == 0 else MORE, part, index == len(parts) - 1, 0 if index else reserved)
            if dice.random() < 0.1:
                out += self.control()
        return out

    def frame(self, kind: int, payload: bytes, fin: bool = True, reserved: int = 0) -> bytes:
        dice = self.dice
        key, length = dice.randbytes(4) or None, None
        match dice.randrange(150):
            case 0: kind = dice.randrange(16)
            case 1: fin = not fin
            case 2: reserved = dice.randrange(8)
            case 3: key = None
            case 4: length = dice.choice([0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, (1 << 20) + 1, 1 << 62, (1 << 64) - 1])
            case 5: kind = BINARY
        return frame(kind, payload, fin, reserved, key, length)

    def control(self) -> bytes:
        dice = self.dice
        match dice.randrange(12):
            case 0: return close(dice.choice([1000, 1001, 1005, 1006, 999, 3000, 5000, 0]), dice.randbytes(dice.choice([0, 3, 123])))
            case 1: return self.frame(CLOSE, dice.randbytes(dice.choice([0, 1, 2])))
            case 2: return self.frame(PING, dice.randbytes(126))
            case 3 | 4: return self.frame(PONG, dice.randbytes(dice.randrange(126)))
            case _: return self.frame(PING, dice.randbytes(dice.randrange(126)))

    def conversation(self) -> bytes:
        dice = self.dice
        out = b""
        if dice.random() < 0.9:
            join = {"type": "join", "name": dice.choice(WORDS), "batch": dice.random() < 0.5}
            if dice.random() < 0.3:
                join |= {"state": dice.choice(["none", "full", ["total"], ["x"], 3]), "resume": dice.choice(WORDS), "since": 1}
            out += self.frames(json.dumps(join).encode() if dice.random() < 0.9 else self.text(join))
        for _ in range(dice.choice([0, 1, 3, 10])):
            out += self.frames(self.text(self.message()))
            if dice.random() < 0.1:
                out += self.control()
        return out

    # Handshakes

    def handshake(self) -> bytes:
        dice = self.dice
        room, recipe = dice.choice(ROOMS)
        path = dice.choice([f"/rooms/{room}?recipe={recipe}"] * 6 + ["/test/echo"] * 3 + ["/rooms/%00?recipe=%zz", "/", "/rooms/"])
        fields = dict(STANDARD)
        if self.deflates:
            fields["Sec-WebSocket-Extensions"] = dice.choice(OFFERS[:4] * 5 + OFFERS)
        if dice.random() < 0.3:
            fields["Sec-WebSocket-Protocol"] = dice.choice(["hearth.v1", "a, hearth.v1", "bearer.x, hearth.v1", ",", ""])
        if dice.random() < 0.05:
            fields[dice.choice(list(fields))] = dice.choice(["", "x", "\t", "é", "x" * 9_000, "13, 8", "upgrade, close"])
        if dice.random() < 0.03:
            fields[dice.choice(["Content-Length", "Transfer-Encoding", "Expect", "Origin"])] = dice.choice(
                ["0", "5", "-1", "chunked", "100-continue", "null", "http://elsewhere"])
        if dice.random() < 0.03:
            del fields[dice.choice(list(fields))]
        method = dice.choice(["GET"] * 30 + ["POST", "HEAD", "G\x00T", ""])
        version = dice.choice(["HTTP/1.1"] * 30 + ["HTTP/1.0", "HTTP/2.0", "HTTP/9", ""])
        lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        head = "\r\n".join(lines).encode("utf-8")
        return self.mutated(head) if dice.random() < 0.05 else head

    def mutated(self, data: bytes) -> bytes:
        dice = self.dice
        data = bytearray(data)
        for _ in range(dice.choice([1, 1, 2, 8])):
            at = dice.randrange(len(data) + 1)
            match dice.randrange(5):
                case 0 if at < len(data): data[at] ^= 1 << dice.randrange(8)
                case 1: data[at:at + dice.choice([1, 4, 100])] = b""
                case 2: data[at:at] = dice.randbytes(dice.choice([1, 2, 9, 300]))
                case 3: data[at:at] = data[max(0, at - 50):at]
                case _: del data[at + 1:]
        return bytes(data)

    def parts(self) -> tuple[list[bytes], bool]:
        """What is sent, in pieces, and whether the client then ends its side."""
        dice = self.dice
        body = self.conversation()
        if dice.random() < 0.2:
            body = self.mutated(body)
        whole = self.handshake() + body
        if dice.random() < 0.5:
            pieces = [whole]
        else:
            cuts = sorted(dice.randrange(len(whole) + 1) for _ in range(dice.choice([1, 2, 5, 20])))
            pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)])]
        return pieces, dice.random() < 0.9
