"""Slow readers harm nobody (guarantee 7): one of 200 stops reading for 30 s under full load."""

import json
import selectors
import time

from client import Client
from raw import TEXT, Link, frame
from server import TEST_RECIPES, Server

READERS = 200
#: Events under way at once. One more is sent when one is answered: as much load as there can be.
WINDOW = 4
QUIET_SECONDS, STALLED_SECONDS = 8, 30
PATH = "/rooms/feed?recipe=feed"


def event(id: int) -> bytes:
    data = {"at": f"<{time.perf_counter_ns()}>", "text": "x" * 6_000}
    return frame(TEXT, json.dumps({"type": "event", "id": id, "name": "post", "data": data}).encode())


class Reader:
    """Takes frames apart as they come; knows its place in the order of commits, and how old each commit was."""

    def __init__(self, server: Server, receive_bytes: int | None = None):
        self.link = Link(server.port, PATH, receive_bytes=receive_bytes)
        self.link.send(frame(TEXT, b'{"type":"join"}'))
        self.link.link.setblocking(False)
        self.rest = b""
        self.seq = -1
        self.answered = 0
        self.ages: list[int] = []

    def texts(self) -> list[bytes]:
        """Everything that can be read now, as whole messages."""
        parts = [self.rest]
        try:
            while part := self.link.link.recv(1 << 18):
                parts.append(part)
                if len(part) < 1 << 16:
                    break
            else:
                raise AssertionError("the server has closed")
        except BlockingIOError:
            pass
        data, at, texts = b"".join(parts), 0, []
        while len(data) >= at + 2:
            length, head = data[at + 1], 2
            if length > 125:
                head = 4 if length == 126 else 10
                if len(data) < at + head:
                    break
                length = int.from_bytes(data[at + 2:at + head])
            if len(data) < at + head + length:
                break
            if data[at] == 0x81:
                texts.append(data[at + head:at + head + length])
            at += head + length
        self.rest = data[at:]
        return texts

    def read(self) -> None:
        for text in self.texts():
            if text.startswith(b'{"type":"commit"'):
                seq = int(text[text.index(b'"seq":') + 6:][:12].split(b",")[0].split(b"}")[0])
                assert seq == self.seq + 1, f"commit {seq} after {self.seq}"
                self.seq = seq
                start = text.index(b"<") + 1
                self.ages.append(time.perf_counter_ns() - int(text[start:text.index(b">", start)]))
            elif text.startswith(b'{"type":"joined"'):
                self.seq = json.loads(text)["seq"]
            else:
                assert text.startswith(b'{"type":"ack"'), text[:200]
                self.answered += 1

    def p99(self) -> float:
        """Milliseconds, of the commits since the last call."""
        ages, self.ages = sorted(self.ages), []
        assert len(ages) > 100, "too few commits to speak of a p99"
        return ages[len(ages) * 99 // 100] / 1e6


class Crowd:
    def __init__(self, server: Server):
        self.selector = selectors.DefaultSelector()
        self.readers = [Reader(server) for _ in range(READERS - 1)]
        for reader in self.readers:
            self.selector.register(reader.link.link, selectors.EVENT_READ, reader)
        self.sender = self.readers[0]
        self.sent = 0

    def turn(self, sending: bool = True) -> None:
        if sending:
            while self.sent - self.sender.answered < WINDOW:
                self.sent += 1
                self.sender.link.link.sendall(event(self.sent))
        for key, _ in self.selector.select(0.05):
            key.data.read()

    def work(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.turn()

    def p99s(self) -> list[float]:
        return [reader.p99() for reader in self.readers]


def test_one_of_200_that_stops_reading_harms_nobody_and_ends_with_the_exact_state(serve):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-lag", "256KiB"))
    crowd = Crowd(server)
    slow = Reader(server, receive_bytes=65_536)
    replica = Client("")
    crowd.selector.register(slow.link.link, selectors.EVENT_READ, slow)
    heard: list[bytes] = []
    slow.read = lambda: heard.extend(slow.texts())
    crowd.work(2)
    crowd.p99s()

    crowd.work(QUIET_SECONDS)
    quiet = crowd.p99s()
    before = len(heard)

    crowd.selector.unregister(slow.link.link)
    stalled_from = crowd.sender.seq
    crowd.work(STALLED_SECONDS)
    stalled = crowd.p99s()
    missed = crowd.sender.seq - stalled_from

    # Nobody else noticed.
    worst = max(after / first for first, after in zip(quiet, stalled))
    print(f"p99 of the others: {max(quiet):.1f} ms quiet, {max(stalled):.1f} ms stalled; at worst {worst:.2f} times")
    print(f"{missed} commits while it did not read")
    assert worst < 2

    # It reads again, under the same load, and is told once where it stands.
    crowd.selector.register(slow.link.link, selectors.EVENT_READ, slow)
    crowd.work(2)
    until = time.monotonic() + 20
    while crowd.sender.answered < crowd.sent or len({reader.seq for reader in crowd.readers}) > 1:
        assert time.monotonic() < until
        crowd.turn(sending=False)
    end = crowd.sender.seq
    while True:
        for text in heard:
            replica.take(json.loads(text))  # refuses a commit that is not the next one
        heard.clear()
        if replica.seq == end:
            break
        assert time.monotonic() < until, f"at {replica.seq} of {end}"
        crowd.turn(sending=False)

    kinds = [message["type"] for message in replica.received]
    assert kinds.count("sync_response") == 1 and kinds.count("joined") == 1
    sync = kinds.index("sync_response")
    skipped = replica.received[sync]["seq"] - replica.received[sync - 1]["seq"]
    print(f"{skipped} commits were skipped, {len(kinds) - sync - 1} came after the state")
    assert sync >= before and skipped > missed / 4 and set(kinds[sync + 1:]) == {"commit"}
    assert replica.cells == server.cells("feed")
    assert replica.cells["total"] == crowd.sent
    assert not server.log_lines("socket closed")


def resident(server: Server) -> int:
    """Bytes of memory that the server's process has."""
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(status[status.index("VmRSS:") + 6:].split()[0]) * 1_024


def test_signals_do_not_pile_up_for_one_that_stops_reading(serve):
    """Each `shout` goes to everybody. They were kept for a reader who took none, as many as there were."""
    size, count = 64 << 10, 1_500
    server = serve(recipes=TEST_RECIPES, arguments=("--max-lag", "256KiB"))
    path = "/rooms/yard?recipe=plaza"
    sender, slow = Link(server.port, path), Link(server.port, path, receive_bytes=65_536)
    heard = {"signal": 0, "ack": 0}

    def take(link: Link) -> dict:
        while True:
            kind, payload, _ = link.next()
            if kind == TEXT:
                return json.loads(payload)

    for link in (sender, slow):
        link.send(frame(TEXT, b'{"type":"join"}'))
        while take(link)["type"] != "joined":
            pass

    def shout(id: int, text: str) -> None:
        event = {"type": "event", "id": id, "name": "shout", "data": {"text": text}}
        sender.send(frame(TEXT, json.dumps(event).encode()))

    before = None
    for id in range(1, count + 1):
        shout(id, "x" * size)
        while heard["ack"] < id:
            message = take(sender)
            heard[message["type"]] = heard.get(message["type"], 0) + 1
        if id == count // 5:
            before = resident(server)
    grown = resident(server) - before
    print(f"{heard['signal']} signals of {size} bytes, {grown / 1e6:.1f} MB more memory after the first fifth")
    assert heard["signal"] == count, "the others hear each of them"
    assert grown < 24 << 20

    # It reads again: some signals, then where it stands, then all that is said.
    shout(count + 1, "last")
    got = {"signal": 0}
    while True:
        message = take(slow)
        got[message["type"]] = got.get(message["type"], 0) + 1
        if message["type"] == "sync_response":
            break
    assert got["signal"] < count // 2, got
    assert message["cells"]["visits"] == ["join somebody", "join somebody"]
    shout(count + 2, "heard by all")
    while (message := take(slow))["type"] != "signal" or message["data"]["text"] != "heard by all":
        assert message["type"] != "sync_response"
    assert not server.log_lines("socket closed")
