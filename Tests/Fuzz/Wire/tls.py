"""TLS connections that are almost right: real handshakes whose records are tampered with on their way, and records that no
library would send, encrypted as they have to be. What a case does is a function of its number and the seed; keys are new each
time."""

import random
import socket
import ssl
import struct

from cases import Case
from rawtls import Client, Workshop
from records import ALERT, CHANGE, CLOSE_NOTIFY, DATA, HANDSHAKE, HEARTBEAT, PLAIN_MAX, Seal13, message, record, split

#: So long a client waits for the other half of a handshake that it has spoilt.
HANDSHAKE_WAIT_SECONDS = 0.4


class TLSCase:
    def __init__(self, seed: int, number: int):
        self.dice = dice = random.Random(f"{seed}:tls:{number}")
        self.inner = Case(seed, number)
        self.version = dice.choice(["1.2", "1.3", "1.3"])
        self.kind = dice.choices(["hello", "tamper", "sealed", "early", "proper"], [20, 30, 35, 5, 10])[0]
        self.end = dice.choices(["eof", "notify", "notify, eof", "reset", "close", "wait"], [40, 15, 25, 5, 5, 10])[0]
        self.is_trickled = dice.random() < 0.05
        self.story = [f"{self.kind}, TLS {self.version}, then {self.end}"]
        #: A record at this place is tampered with.
        self.struck = dice.choice([0, 0, 1, 2, 2, 3, 4])
        self.sent = 0
        self.is_servers_end = False
        self.records = 0

    def run(self, link: socket.socket, workshop: Workshop, patience: float) -> bool:
        """Plays the case. False when the connection had to end and did not."""
        self.link = link
        self.client = Client(workshop, self.version, self.dice.random() < 0.3)
        self.seal = None
        try:
            getattr(self, self.kind)()
        except TimeoutError:
            self.story.append("the server takes nothing more")
        except OSError:
            self.story.append("the server was gone")
        return self.finish(patience)

    # Ways to go

    def hello(self) -> None:
        self.put(self.tampered(split(self.client.advance())[0]))

    def tamper(self) -> None:
        if self.shake(self.tampering):
            for piece in self.inner.parts()[0]:
                for one in split(self.client.written(piece)) if piece else []:
                    self.put(self.tampering(one))

    def proper(self) -> None:
        if self.shake():
            for piece in self.inner.parts()[0]:
                if piece:
                    self.put(self.client.written(piece))

    def early(self) -> None:
        """In place of the client's last flight: what stands under its keys there."""
        last = self.client.advance()
        self.put(last)
        while not self.client.is_open and not self.client.is_broken and (part := self.hear()):
            self.client.take(part)
            last = self.client.advance()
        self.seal = self.client.seal("CLIENT_HANDSHAKE_TRAFFIC_SECRET")
        if not self.seal or not self.client.is_open:
            return
        if self.dice.random() < 0.5:
            self.put(record(CHANGE, b"\x01"))
        for _ in range(self.dice.choice([1, 2, 5])):
            self.inject()
        if self.dice.random() < 0.3:
            self.put(last)

    def sealed(self) -> None:
        if not self.shake():
            return
        self.seal = self.client.seal()
        if not self.seal:
            return
        pieces = [piece for piece in self.inner.parts()[0] if piece] or [b"GET / HTTP/1.1\r\n\r\n"]
        struck = {self.dice.randrange(len(pieces) + 1) for _ in range(self.dice.choice([1, 1, 2, 4]))}
        for at, piece in enumerate([*pieces, b""]):
            if at in struck:
                self.inject()
            size = self.dice.choice([PLAIN_MAX] * 6 + [1_000, 16_000, 1])
            if size == 1:
                piece = piece[:3_000]
            for start in range(0, len(piece), size):
                self.put(self.seal.record(DATA, piece[start:start + size]), quietly=True)

    # On the way

    def shake(self, through=lambda one: one) -> bool:
        client = self.client
        while True:
            flight = client.advance()
            for one in split(flight):
                self.put(through(one))
            if client.is_open or client.is_broken:
                return client.is_open
            part = self.hear()
            if not part:
                return False
            client.take(part)

    def hear(self) -> bytes:
        self.link.settimeout(HANDSHAKE_WAIT_SECONDS)
        try:
            return self.link.recv(65_536)
        except TimeoutError:
            return b""
        finally:
            self.link.settimeout(30)

    def put(self, data: bytes, quietly: bool = False) -> None:
        if not quietly:
            self.story.append(f"sends {len(data)} bytes: {data[:8].hex()}")
        self.sent += len(data)
        if self.is_trickled and len(data) < 2_000:
            for byte in data:
                self.link.sendall(bytes([byte]))
        elif data:
            self.link.sendall(data)

    def tampering(self, one: bytes) -> bytes:
        self.records += 1
        return self.tampered(one) if self.records - 1 == self.struck else one

    def tampered(self, one: bytes) -> bytes:
        """A record, spoilt."""
        dice = self.dice
        kind, version, payload = one[0], int.from_bytes(one[1:3]), one[5:]
        way = dice.randrange(14)
        self.story.append(f"record {self.records}, type {kind}, {len(payload)} bytes: way {way}")
        match way:
            case 0: return self.inner.mutated(one)
            case 1: return one[:5] + self.inner.mutated(payload)
            case 2: return record(kind, self.inner.mutated(payload), version)
            case 3: return one[:dice.randrange(len(one))]
            case 4: return one * dice.choice([2, 3, 50])
            case 5: return b""
            case 6: return self.foreign() + one
            case 7: return one + self.foreign()
            case 8: return record(dice.choice([0, 20, 21, 22, 23, 24, 25, 128, 255]), payload, version)
            case 9: return record(kind, payload, dice.choice([0, 0x0002, 0x0300, 0x0301, 0x0302, 0x0304, 0x0400, 0xFEFD, 0xFFFF]))
            case 10: return record(kind, payload, version, dice.choice([0, 1, len(payload) // 2, len(payload) + 1, PLAIN_MAX + 257, 65_535]))
            case 11: return self.cut(kind, payload, version, dice.choice([1, 2, 5, 100]))
            case 12: return record(kind, payload + bytes(dice.choice([1, PLAIN_MAX, 40_000]))[:65_535 - len(payload)], version)
            case _: return self.cut(kind, payload, version, 50).replace(record(kind, payload[:50], version), self.foreign(), 1)

    def cut(self, kind: int, payload: bytes, version: int, size: int) -> bytes:
        """One record becomes many: TLS lets handshake messages be cut anywhere."""
        parts = [payload[at:at + size] for at in range(0, len(payload), size)]
        between = record(kind, b"") if self.dice.random() < 0.2 else b""
        return between.join(record(kind, part, version) for part in parts)

    def foreign(self) -> bytes:
        """What is not awaited, in plain."""
        dice = self.dice
        match dice.randrange(12):
            case 0: return record(ALERT, bytes([dice.choice([0, 1, 2, 3, 255]), dice.choice([0, 10, 20, 40, 90, 100, 110, 255])]))
            case 1: return record(ALERT, b"\x01\x5a") * dice.choice([4, 5, 6, 300])
            case 2: return record(ALERT, dice.randbytes(dice.choice([0, 1, 3, 200])))
            case 3: return record(dice.choice([CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT, 99]), b"") * dice.choice([1, 33, 1_000])
            case 4: return record(HEARTBEAT, b"\x01" + struct.pack(">H", dice.choice([0, 3, 65_535])) + b"abc" + bytes(16))
            case 5: return record(CHANGE, dice.choice([b"\x01", b"\x01\x01", b"\x02", bytes(100)])) * dice.choice([1, 2, 40])
            case 6: return record(DATA, dice.randbytes(dice.choice([1, 17, 300, PLAIN_MAX + 256, PLAIN_MAX + 257])))
            case 7: return record(HANDSHAKE, message(dice.choice([0, 1, 2, 4, 11, 15, 16, 20, 24, 254]), dice.randbytes(40)))
            case 8: return record(HANDSHAKE, message(1, bytes(300), dice.choice([0, 1, PLAIN_MAX, 1 << 18, (1 << 24) - 1])))
            case 9: return record(dice.randrange(256), dice.randbytes(dice.randrange(60)))
            case 10: return b"\x80\x2e\x01\x03\x03\x00\x15\x00\x00\x00\x10" + dice.randbytes(40)
            case _: return dice.randbytes(dice.choice([1, 4, 5, 6, 4_000]))

    # Under the keys

    def inject(self) -> None:
        way = self.dice.randrange(13)
        self.story.append(f"under the keys: way {way}")
        self.put(self.injected(way))

    def injected(self, way: int) -> bytes:
        dice, sealed = self.dice, self.seal.record
        match way:
            case 0: return b"".join(self.new_keys(dice.choice([0, 1])) for _ in range(dice.choice([1, 2, 40, 1_000])))
            case 1: return sealed(HANDSHAKE, dice.choice([
                message(24, b"\x02"), message(24, b""), message(24, b"\x01\x01"), message(24, b"\x01") * 2, message(24, b"\x01", 9),
                message(24, b"\x01")[:3], message(24, b"")[:4]]))
            case 2: return sealed(HANDSHAKE, message(24, b"\x01")[:2]) + sealed(dice.choice([HANDSHAKE, DATA, ALERT]), b"\x00\x01\x01")
            case 3: return sealed(HANDSHAKE, message(dice.choice([0, 1, 2, 4, 5, 8, 11, 13, 14, 15, 16, 20, 25, 254]), dice.randbytes(dice.choice([0, 3, 90]))))
            case 4: return sealed(HANDSHAKE, self.fresh_hello()) + (sealed(HANDSHAKE, self.fresh_hello()) if dice.random() < 0.5 else b"")
            case 5:
                start = message(dice.choice([1, 11, 20, 24, 25]), bytes(PLAIN_MAX - 4), dice.choice([1 << 15, 1 << 18, (1 << 24) - 1]))
                return sealed(HANDSHAKE, start) + b"".join(sealed(HANDSHAKE, bytes(PLAIN_MAX)) for _ in range(dice.choice([1, 3, 20])))
            case 6: return b"".join(sealed(ALERT, bytes([dice.choice([1, 1, 2, 0]), dice.choice([0, 10, 90, 100, 110, 255])]))
                                    for _ in range(dice.choice([1, 4, 6, 300])))
            case 7: return b"".join(sealed(dice.choice([ALERT, HANDSHAKE, DATA, CHANGE]), b"") for _ in range(dice.choice([1, 2])))
            case 8: return b"".join(sealed(DATA, b"") for _ in range(dice.choice([1, 31, 33, 2_000])))
            case 9: return sealed(dice.choice([DATA, DATA, 0]), b"", dice.choice([1, 255, PLAIN_MAX - 1, PLAIN_MAX, PLAIN_MAX + 300]))
            case 10: return sealed(dice.choice([0, CHANGE, HEARTBEAT, 99, 255]), dice.choice([b"", b"\x01", b"\x01\x00\x03abc"]))
            case 11: return sealed(DATA, bytes(PLAIN_MAX + dice.choice([0, 1, 255, 256, 40_000])))
            case _:
                one = sealed(DATA, b"GET /healthz HTTP/1.1\r\n")
                return dice.choice([one * 2, self.inner.mutated(one), self.foreign() + one, one[:-1]])

    def new_keys(self, asks: int) -> bytes:
        update = self.seal.record(HANDSHAKE, message(24, bytes([asks])))
        if isinstance(self.seal, Seal13):
            self.seal.renew()
        return update

    def fresh_hello(self) -> bytes:
        """Renegotiation, as it would begin."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        fresh = self.client.workshop.contexts[self.version].wrap_bio(incoming, outgoing, server_hostname="localhost")
        try:
            fresh.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()[5:]

    # Ends

    def finish(self, patience: float) -> bool:
        """Ends as the case has it, and hears the server out."""
        link, client = self.link, self.client
        try:
            if self.end.startswith("notify"):
                self.put(self.notify())
            if self.end.endswith("eof"):
                link.shutdown(socket.SHUT_WR)
            if self.end == "reset":
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if self.end in ("reset", "close"):
                return True
            # A handshake has its time, and who has said its end is let go. Others may be waited for.
            has_to_end = self.end.endswith("eof") or not client.is_open or self.end == "notify" and self.kind == "proper"
            link.settimeout(patience if has_to_end else 0.2)
            try:
                while part := link.recv(65_536):
                    client.take(part)
            except TimeoutError:
                return not has_to_end
            client.keep_session()
        except OSError:
            self.story.append("reset by the server")
        # Python's ssl hears no answer after a warning that its renegotiation was refused.
        self.is_servers_end = not client.is_blind
        return True

    def notify(self) -> bytes:
        if self.seal:
            return self.seal.record(ALERT, CLOSE_NOTIFY)
        if not self.client.is_open:
            return record(ALERT, CLOSE_NOTIFY)
        try:
            self.client.tls.unwrap()
        except ssl.SSLError:
            pass
        return self.client.outgoing.read()
