"""Lets many sessions vanish at once, again and again, and tells what memory a server keeps of them.

    .build/release/hearth serve Tests/Acceptance/recipes --data /tmp/vanish --auto-create --port 19190 --session-ttl 5 &
    .venv/bin/python Benchmarks/vanish.py --port 19190 --pid $!

10,000 participants join, a hundred to a room, and their process is killed. Reports the server's memory before, with them, and once
their sessions have ended and their rooms sleep or are empty."""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import signal
import time
import urllib.request

from websockets.asyncio.client import connect

from hold import CONNECTING, memory_kb


async def enter(url: str, gate: asyncio.Semaphore):
    async with gate:
        socket = await connect(url, ping_interval=None, compression=None, proxy=None, open_timeout=60, max_queue=None)
        await socket.send('{"type":"join"}')
        while json.loads(await socket.recv())["type"] != "joined":
            pass
        return socket


def crowd(options, there: multiprocessing.Event) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (options.sessions + 1_000,) * 2)

    async def stay():
        gate = asyncio.Semaphore(CONNECTING)
        urls = [f"ws://127.0.0.1:{options.port}/rooms/crowd{number // 100}?recipe=ledger" for number in range(options.sessions)]
        sockets = await asyncio.gather(*(enter(url, gate) for url in urls))
        there.set()
        await asyncio.Event().wait()
        del sockets

    asyncio.run(stay())


def sessions(options) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{options.port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return int(next(line for line in lines if line.startswith("hearth_sessions ")).split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True, help="the server's process")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rest", type=float, default=30, help="seconds to wait after the last session has ended")
    options = parser.parse_args()
    for round in range(options.rounds):
        before = memory_kb(options.pid)
        there = multiprocessing.Event()
        process = multiprocessing.Process(target=crowd, args=(options, there))
        process.start()
        there.wait(300)
        present = memory_kb(options.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        while sessions(options) > 0:
            time.sleep(1)
        time.sleep(options.rest)
        after = memory_kb(options.pid)
        print(f"round {round + 1}: {before / 1024:.0f} MiB before, {present / 1024:.0f} with {options.sessions}, "
              f"{after / 1024:.0f} after: {after / before:.2f} of before", flush=True)


if __name__ == "__main__":
    main()
