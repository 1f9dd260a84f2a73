"""Holds many connections to a running server for a while and tells what they cost.

    .build/release/hearth serve Tests/Acceptance/recipes --data /tmp/hold --auto-create --port 19190 &
    .venv/bin/python Benchmarks/hold.py --port 19190 --pid $! --seconds 600

5,000 idle connections, a hundred to a room, and 500 rooms of ten in each of which somebody says something every few seconds.
Reports drops, what went missing, and the server's memory and processor time while everything was held. The rooms keep the last
twenty things that were said (`feed`), so that what they are asked to keep does not grow; with `--recipe ledger` they keep all."""

import argparse
import asyncio
import json
import os
import resource
import time

from websockets.asyncio.client import connect

CONNECTING = 100
#: The event of each recipe that says something.
EVENTS = {"feed": "post", "ledger": "note"}


def memory_kb(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Member:
    def __init__(self, url: str, event: str):
        self.event = event
        self.url, self.seq, self.heard, self.gaps, self.dropped, self.next_id = url, 0, 0, 0, False, 1

    async def enter(self, gate: asyncio.Semaphore) -> None:
        async with gate:
            self.socket = await connect(
                self.url, ping_interval=None, compression=None, proxy=None, open_timeout=60, max_queue=None)
            await self.socket.send('{"type":"join","state":["total"]}')
            joined = json.loads(await self.socket.recv())
            assert joined["type"] == "joined", joined
            self.seq = joined["seq"]
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        try:
            async for frame in self.socket:
                message = json.loads(frame)
                if message["type"] == "commit":
                    self.heard += 1
                    self.gaps += message["seq"] != self.seq + 1
                    self.seq = message["seq"]
        finally:
            self.dropped = True

    async def speak(self, who: str) -> None:
        event = {"type": "event", "id": self.next_id, "name": self.event, "data": {"who": who, "number": self.next_id}}
        self.next_id += 1
        await self.socket.send(json.dumps(event))


async def speak(rooms: list[list[Member]], every: float, until: float) -> None:
    """One event in each room every so many seconds, spread evenly."""
    while time.monotonic() < until:
        round_began = time.monotonic()
        for place, room in enumerate(rooms):
            await room[0].speak("hold")
            await asyncio.sleep(max(0, round_began + every * place / len(rooms) - time.monotonic()))


async def hold(options) -> None:
    base = f"ws://127.0.0.1:{options.port}/rooms"
    before = memory_kb(options.pid)
    event = EVENTS[options.recipe]
    idle = [Member(f"{base}/idle{number // 100}?recipe={options.recipe}", event) for number in range(options.idle)]
    rooms = [
        [Member(f"{base}/busy{number}?recipe={options.recipe}", event) for _ in range(options.members)]
        for number in range(options.rooms)]
    members = [member for room in rooms for member in room]
    gate = asyncio.Semaphore(CONNECTING)
    await asyncio.gather(*(member.enter(gate) for member in idle))
    await asyncio.sleep(2)
    with_idle = memory_kb(options.pid)
    print(f"{len(idle)} idle: {(with_idle - before) / max(1, len(idle)):.1f} KiB a connection", flush=True)
    await asyncio.gather(*(member.enter(gate) for member in members))
    await asyncio.sleep(2)
    print(f"{len(members)} in {len(rooms)} rooms: {memory_kb(options.pid) / 1024:.0f} MiB in all", flush=True)
    heard, at_first = sum(member.heard for member in members), memory_kb(options.pid)
    cpu, began = cpu_seconds(options.pid), time.monotonic()
    talk = asyncio.create_task(speak(rooms, options.every, began + options.seconds))
    while not talk.done():
        await asyncio.wait([talk], timeout=options.seconds / 10)
        print(f"{time.monotonic() - began:5.0f} s: {memory_kb(options.pid) / 1024:.0f} MiB, "
              f"{sum(member.dropped for member in idle + members)} dropped", flush=True)
    await talk
    await asyncio.sleep(3)
    print(f"memory at the end: {memory_kb(options.pid) / at_first:.3f} of that at the beginning")
    heard = sum(member.heard for member in members) - heard
    sent = sum(room[0].next_id - 1 for room in rooms)
    spent = cpu_seconds(options.pid) - cpu
    print(f"{sent} events, {heard} deliveries of {sent * options.members}, {sum(member.gaps for member in members)} gaps, "
          f"{sum(member.dropped for member in idle + members)} dropped; {spent / max(1, heard) * 1e6:.0f} µs CPU a delivery")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True, help="the server's process, whose memory and time are read")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--idle", type=int, default=5_000)
    parser.add_argument("--rooms", type=int, default=500)
    parser.add_argument("--members", type=int, default=10)
    parser.add_argument("--recipe", choices=EVENTS, default="feed")
    parser.add_argument("--every", type=float, default=5, help="seconds between two events of a room")
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(hold(parser.parse_args()))
