"""A bad network between a hundred clients and the server: a proxy that delays, cuts, silences and overtakes. At the end all
replicas are equal, every acknowledged event is there once, and nobody's events are out of order.

`HEARTH_CHAOS_SECONDS` lets it rage for longer, `HEARTH_CHAOS_SEED` repeats its draws."""

import asyncio
import os
import random
import time
from collections import Counter

import websockets
from client import Client, Refused
from server import TEST_RECIPES

SECONDS = float(os.environ.get("HEARTH_CHAOS_SECONDS", "12"))
SEED = int(os.environ.get("HEARTH_CHAOS_SEED", random.randrange(1 << 32)))
CLIENTS = 100
SILENCE_SECONDS = 4


class Proxy:
    """Each connection has a delay, a life and an end of its own."""

    def __init__(self, port: int, draw: random.Random):
        self.port, self.draw, self.isCalm = port, draw, False
        self.counts = Counter()
        self.links: set[asyncio.Task] = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0, backlog=1000)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/rooms/storm?recipe=ledger"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for link in self.links:
            link.cancel()

    async def connect(self, reader, writer) -> None:
        self.links.add(asyncio.current_task())
        delay = 0 if self.isCalm else self.draw.choice((0, 0, 0.02, 0.1))
        # A connection that is made later may get through first.
        await asyncio.sleep(delay * self.draw.random() * 5)
        try:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return writer.transport.abort()
        silent = asyncio.Event()
        pumps = [
            asyncio.create_task(self.pump(reader, back_writer, delay, silent)),
            asyncio.create_task(self.pump(back_reader, writer, delay, silent))]
        fate = asyncio.create_task(self.fate(silent))
        await asyncio.wait([*pumps, fate], return_when=asyncio.FIRST_COMPLETED)
        for task in (*pumps, fate):
            task.cancel()
        for end in (writer, back_writer):
            end.transport.abort()

    async def pump(self, reader, writer, delay: float, silent: asyncio.Event) -> None:
        try:
            while data := await reader.read(65_536):
                if delay:
                    await asyncio.sleep(delay * self.draw.random())
                if not silent.is_set():
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass

    async def fate(self, silent: asyncio.Event) -> None:
        """Lives for some seconds, and then is cut, or goes silent in both directions and is cut much later."""
        while True:
            await asyncio.sleep(self.draw.expovariate(1 / 4))
            if self.isCalm:
                continue
            if self.draw.random() < 0.6:
                self.counts["cut"] += 1
                return
            self.counts["silenced"] += 1
            silent.set()
            await asyncio.sleep(20)
            return


class Sailor:
    """Sends one event after the other, and comes back whenever its connection is gone or says nothing."""

    def __init__(self, proxy: Proxy, number: int):
        self.who = f"sailor{number}"
        self.client = Client(proxy.url, self.who)
        self.acknowledged: list[int] = []
        self.sent = 0
        self.returns = -1
        self.heard = 0.0

    async def return_(self) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self.client.enter()
                self.client.keep_received = False
                self.returns += 1
                self.heard = time.monotonic()
                return
            except (OSError, TimeoutError, websockets.WebSocketException):
                if self.client.socket:
                    self.client.drop()
                await asyncio.sleep(0.05)

    async def speak(self, until: float) -> None:
        await self.return_()
        while time.monotonic() < until:
            number, self.sent = self.sent, self.sent + 1
            await self.answered(await self.client.start("note", {"who": self.who, "number": number}))
            self.acknowledged.append(number)
            await asyncio.sleep(0.05)

    async def answered(self, answer: asyncio.Future) -> None:
        while not answer.done():
            if self.client.closed:
                await self.return_()
            elif time.monotonic() - self.heard > SILENCE_SECONDS:
                self.client.drop()
                await self.client.until(lambda: self.client.closed)
            await asyncio.wait([answer], timeout=0.25)
        answer.result()
        self.heard = time.monotonic()

    async def arrive(self, seq: int) -> None:
        """The storm is over: comes back once more and catches up."""
        self.client.drop()
        await self.client.until(lambda: self.client.closed)
        await self.return_()
        await self.client.until(lambda: self.client.seq >= seq, 30)
        assert self.client.fault is None


def test_replicas_are_equal_after_a_storm(serve, run):
    print(f"HEARTH_CHAOS_SEED={SEED}")
    server = serve(recipes=TEST_RECIPES, arguments=("--heartbeat", "1", "--heartbeat-timeout", "3"))

    async def scenario():
        async with Proxy(server.port, random.Random(SEED)) as proxy:
            crew = [Sailor(proxy, number) for number in range(CLIENTS)]
            end = time.monotonic() + SECONDS
            async with asyncio.TaskGroup() as group:
                for sailor in crew:
                    group.create_task(sailor.speak(end))
                group.create_task(calm(proxy, end))
            newest = server.get("/rooms/storm/cells").json
            await asyncio.gather(*(sailor.arrive(newest["seq"]) for sailor in crew))
            return crew, proxy.counts, server.get("/rooms/storm/cells").json["cells"]

    async def calm(proxy: Proxy, end: float) -> None:
        await asyncio.sleep(end - time.monotonic())
        proxy.isCalm = True

    crew, counts, cells = run(scenario(), SECONDS + 90)
    entries = [(entry["who"], entry["number"]) for entry in cells["entries"]]
    assert len(entries) == len(set(entries)) == cells["total"], "nothing is doubled"
    for sailor in crew:
        mine = [number for who, number in entries if who == sailor.who]
        assert mine == sailor.acknowledged == list(range(sailor.sent)), "nothing is lost or out of order"
        assert sailor.client.cells == cells, "every replica is the room"
    returns = sum(sailor.returns for sailor in crew)
    print(f"{len(entries)} events, {counts['cut']} cuts, {counts['silenced']} silences, {returns} returns")
    assert returns > CLIENTS / 2 and counts["cut"] and counts["silenced"]
    server.stop()
    verified = server.run("verify", "--data", str(server.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
