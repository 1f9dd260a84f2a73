"""Tells how long events of small rooms take while a large room beside them grows, and while it wakes.

    .venv/bin/python Benchmarks/neighbour.py --server .build/release/hearth --data /tmp/neighbour --messages 100000

The large room is filled by ten sessions with a hundred events under way each, while members of eight small ones send an event
every 10 ms. Then the server is started again, and somebody comes to the large room. Reports the longest events of the small
ones: before anything happens, while the large room grows, and while it wakes."""

import argparse
import asyncio
import json
import multiprocessing
import os
import subprocess
import time
import urllib.error
import urllib.request

from websockets.asyncio.client import connect

TEXT = "A message of the usual length, neither long nor short."


class Server:
    """`hearth serve` on a data folder, from readiness to the end of its process."""

    def __init__(self, options):
        self.options = options

    def __enter__(self):
        options = self.options
        command = [options.server, "serve", "Recipes", "--data", options.data, "--port", str(options.port), "--auto-create"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.process.poll() is None:
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{options.port}/readyz").read()
            except urllib.error.URLError:
                time.sleep(0.05)
        raise SystemExit(f"{options.server} ended with status {self.process.returncode}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


async def enter(options, room: str):
    url = f"ws://127.0.0.1:{options.port}/rooms/{room}?recipe=chat"
    socket = await connect(url, subprotocols=["hearth.v1"], compression=None, proxy=None, open_timeout=60)
    await socket.send('{"type":"join","state":"none"}')
    while json.loads(await socket.recv())["type"] != "joined":
        pass
    return socket


def event(number: int) -> str:
    return json.dumps({"type": "event", "id": number, "name": "send", "data": {"text": TEXT}})


async def acknowledged(socket) -> None:
    while (message := json.loads(await socket.recv()))["type"] != "ack":
        assert message["type"] != "error", message


async def fill(options, count: int) -> None:
    socket = await enter(options, "large")
    for number in range(1, count + 100):
        if number <= count:
            await socket.send(event(number))
        if number >= 100:
            await acknowledged(socket)
    await socket.close()


class Neighbour:
    """Sends an event every 10 ms and keeps how long each took, in ms."""

    def __init__(self, options, room: str):
        self.options, self.room, self.took, self.is_over = options, room, [], False

    async def run(self) -> None:
        socket = await enter(self.options, self.room)
        number = 0
        while not self.is_over:
            number += 1
            start = time.perf_counter()
            await socket.send(event(number))
            await acknowledged(socket)
            self.took.append((time.perf_counter() - start) * 1_000)
            await asyncio.sleep(0.01)
        await socket.close()


async def beside(options, *phases) -> list:
    """The longest event of all neighbours in each phase, and their 99th percentile."""
    neighbours = [Neighbour(options, f"small{number}") for number in range(8)]
    tasks = [asyncio.create_task(neighbour.run()) for neighbour in neighbours]
    await asyncio.sleep(1)
    found = []
    for phase in phases:
        for neighbour in neighbours:
            neighbour.took.clear()
        await phase
        took = sorted(each for neighbour in neighbours for each in neighbour.took)
        found.append((took[-1], took[len(took) * 99 // 100]))
    for neighbour in neighbours:
        neighbour.is_over = True
    await asyncio.gather(*tasks)
    return found


def fill_all(options) -> None:
    async def all_of_them():
        await asyncio.gather(*(fill(options, options.messages // 10) for _ in range(10)))

    asyncio.run(all_of_them())


async def grow(options) -> None:
    """In a process of its own, so that this one has its time for the neighbours."""
    process = multiprocessing.Process(target=fill_all, args=(options,))
    process.start()
    await asyncio.to_thread(process.join)


async def wake(options) -> None:
    start = time.perf_counter()
    socket = await enter(options, "large")
    print(f"the large room woke in {(time.perf_counter() - start) * 1_000:.0f} ms")
    await asyncio.sleep(1)
    await socket.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program")
    parser.add_argument("--data", required=True, help="a folder that is not there yet")
    parser.add_argument("--port", type=int, default=19190)
    parser.add_argument("--messages", type=int, default=100_000)
    options = parser.parse_args()
    if os.path.exists(options.data):
        parser.error(f"{options.data} is there already: the large room is to grow from nothing")
    with Server(options):
        calm, growing = asyncio.run(beside(options, asyncio.sleep(2), grow(options)))
    print(f"calm: longest {calm[0]:.1f} ms; growing: longest {growing[0]:.1f} ms, p99 {growing[1]:.1f} ms")
    for _ in range(3):
        with Server(options):
            calm, waking = asyncio.run(beside(options, asyncio.sleep(2), wake(options)))
        print(f"calm: longest {calm[0]:.1f} ms; waking: longest {waking[0]:.1f} ms, p99 {waking[1]:.1f} ms")


if __name__ == "__main__":
    main()
