"""200 clients send 20,000 events; the server is killed at a random moment, five times; after each restart every
acknowledged event is there exactly once, re-sent ones are not doubled, `hearth verify` is clean."""

import asyncio
import os
import random
from collections import Counter

import websockets
from client import Client, Refused
from server import TEST_RECIPES

ROOMS, CLIENTS, EVENTS, KILLS = 20, 200, 100, 5
UNDER_WAY = 8


class Sender:
    """One client that sends its events, some at a time, and comes back as often as the server does."""

    def __init__(self, server, index: int):
        self.room = f"room{index % ROOMS}"
        self.who = f"client{index}"
        self.client = Client(server.room(self.room, "ledger"), self.who, state="none")
        self.client.keep_received = False
        self.acknowledged: set[int] = set()

    async def note(self, number: int, space: asyncio.Semaphore) -> None:
        try:
            while True:
                try:
                    await (await self.client.start("note", {"who": self.who, "number": number}))
                    self.acknowledged.add(number)
                    return
                except Refused as refusal:
                    # The answer has used up the id; the same work again is a new event.
                    assert refusal.retryable, refusal
                    await asyncio.sleep(refusal.details.get("retry_after_ms", 200) / 1000)
        finally:
            space.release()

    async def come_back(self) -> None:
        while True:
            await self.client.until(lambda: self.client.closed, 600)
            await self.enter()

    async def enter(self) -> None:
        while True:
            try:
                await self.client.enter()
                return
            except (OSError, TimeoutError, websockets.WebSocketException):
                await asyncio.sleep(0.1 + random.random() * 0.4)

    async def work(self) -> None:
        await self.enter()
        space = asyncio.Semaphore(UNDER_WAY)
        async with asyncio.TaskGroup() as group:
            back = group.create_task(self.come_back())
            notes = []
            for number in range(EVENTS):
                await space.acquire()
                notes.append(group.create_task(self.note(number, space)))
            await asyncio.gather(*notes)
            back.cancel()


def present(server, room: str) -> Counter:
    cells = server.cells(room)
    assert cells["total"] == len(cells["entries"])
    return Counter((entry["who"], entry["number"]) for entry in cells["entries"])


def check(server, senders: list[Sender]) -> None:
    """Everything acknowledged by now is there, and nothing is there twice."""
    acknowledged = {sender.who: set(sender.acknowledged) for sender in senders}
    for room in {sender.room for sender in senders}:
        counted = present(server, room)
        assert max(counted.values(), default=1) == 1, f"doubled: {[key for key, n in counted.items() if n > 1][:5]}"
        for sender in senders:
            if sender.room == room:
                lost = [number for number in acknowledged[sender.who] if (sender.who, number) not in counted]
                assert not lost, f"{sender.who} lost {lost[:5]} that were acknowledged"


def test_every_acknowledged_event_survives_five_kills_exactly_once(serve, run):
    seed = int(os.environ.get("HEARTH_TEST_SEED") or random.randrange(1 << 32))
    print(f"HEARTH_TEST_SEED={seed}")
    server = serve(recipes=TEST_RECIPES)
    senders = [Sender(server, index) for index in range(CLIENTS)]
    whole = CLIENTS * EVENTS
    moments = sorted(random.Random(seed).uniform(0.02, 0.9) * whole for _ in range(KILLS))

    def done() -> int:
        return sum(len(sender.acknowledged) for sender in senders)

    async def kills():
        for moment in moments:
            while done() < moment:
                await asyncio.sleep(0.01)
            server.kill()
            # Acks that were on their way are read before they are counted.
            await asyncio.sleep(0.2)
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(check, server, senders)

    async def scenario():
        async with asyncio.TaskGroup() as group:
            group.create_task(kills())
            for sender in senders:
                group.create_task(sender.work())

    run(scenario(), 150)
    assert done() == whole
    check(server, senders)
    for room in range(ROOMS):
        assert sum(present(server, f"room{room}").values()) == whole // ROOMS
    for sender in senders:
        assert sender.client.fault is None
    server.stop()
    verified = server.run("verify", "--data", str(server.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
