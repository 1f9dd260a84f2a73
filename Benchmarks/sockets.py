"""Measures events and idle connections over sockets: Hearth, with SQLite, and the bare broadcast in turn.

    swift build -c release && .venv/bin/python Benchmarks/sockets.py

`events 32x64`: one member in each of 32 rooms has 64 messages under way. For Hearth each is a Lua handler's commit that is on
disk before it is acknowledged; the broadcast sends it back. This process is the only client, and may be the slower side of
the two, so the processor time that a server takes for an event says more than their number.
`idle 5000`: what memory a connection takes that has joined and says nothing, 100 to a room."""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from hold import CONNECTING, cpu_seconds, memory_kb
from websockets.asyncio.client import connect

TEXT = "A message of the usual length, neither long nor short."


class Hearth:
    name = "hearth"

    def __init__(self, options, data: str):
        self.url = f"ws://127.0.0.1:{options.port}/rooms/"
        self.command = [options.server, "serve", "Recipes", "--data", data, "--port", str(options.port), "--auto-create"]

    async def enter(self, room: str):
        socket = await connect(self.url + room + "?recipe=chat", **QUIET)
        await socket.send('{"type":"join","state":"none"}')
        while '"type":"joined"' not in (answer := await socket.recv()):
            assert '"type":"error"' not in answer, answer
        return socket

    def message(self, number: int) -> str:
        return json.dumps({"type": "event", "id": number, "name": "send", "data": {"text": TEXT}})

    def answers(self, message: str) -> bool:
        assert '"type":"error"' not in message, message
        return '"type":"ack"' in message


class Broadcast:
    name = "broadcast"

    def __init__(self, options, data: str):
        self.url = f"ws://127.0.0.1:{options.port}/"
        self.command = [options.bench, "broadcast", "--port", str(options.port)]

    async def enter(self, room: str):
        return await connect(self.url + room, **QUIET)

    def message(self, number: int) -> str:
        return json.dumps({"number": number, "text": TEXT})

    def answers(self, message: str) -> bool:
        return True


QUIET = {"ping_interval": None, "compression": None, "proxy": None, "open_timeout": 60, "max_queue": None}


async def say(peer, room: str, under_way: int, end: float) -> int:
    socket = await peer.enter(room)
    sent = answered = 0
    while time.monotonic() < end:
        while sent - answered < under_way:
            sent += 1
            await socket.send(peer.message(sent))
        answered += peer.answers(await socket.recv())
    await socket.close()
    return answered


async def events(peer, pid: int, seconds: float) -> tuple[float, float]:
    """Events a second, and microseconds of the server's processor for each."""
    began, cpu = time.monotonic(), cpu_seconds(pid)
    done = sum(await asyncio.gather(*(say(peer, f"room{number}", 64, began + seconds) for number in range(32))))
    return done / (time.monotonic() - began), (cpu_seconds(pid) - cpu) / done * 1e6


async def idle(peer, pid: int, count: int) -> float:
    """KiB of the server's memory for each connection."""
    gate = asyncio.Semaphore(CONNECTING)

    async def enter(number: int):
        async with gate:
            return await peer.enter(f"idle{number // 100}")

    before = memory_kb(pid)
    sockets = await asyncio.gather(*(enter(number) for number in range(count)))
    await asyncio.sleep(2)
    after = memory_kb(pid)
    for socket in sockets:
        socket.transport.abort()
    return (after - before) / count


def measure(kind, options) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as data:
        peer = kind(options, data)
        process = subprocess.Popen(peer.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await_server(process, options.port)
            found = asyncio.run(events(peer, process.pid, options.seconds))
            return (*found, asyncio.run(idle(peer, process.pid, options.idle)))
        finally:
            process.terminate()
            process.wait()


def await_server(process, port: int) -> None:
    while process.poll() is None:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).close()
        except urllib.error.HTTPError:
            return None
        except OSError as error:
            # The broadcast answers no plain request: that it takes one is enough.
            if not isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                return None
            time.sleep(0.05)
        except Exception:
            return None
    raise SystemExit(f"{process.args[0]} ended with status {process.returncode}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=".build/release/hearth")
    parser.add_argument("--bench", default=".build/release/hearth-bench")
    parser.add_argument("--port", type=int, default=19190)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--idle", type=int, default=5_000)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (options.idle + 1_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    rounds = {Hearth: [], Broadcast: []}
    for _ in range(options.rounds):
        for kind, found in rounds.items():
            found.append(measure(kind, options))
    ours, plain = ([statistics.median(column) for column in zip(*found)] for found in rounds.values())
    for name, unit, left, right in zip(
        ("events 32x64", "events 32x64", f"idle {options.idle}"), ("events/s", "us of the processor an event", "KiB"), ours, plain
    ):
        print(f"{name:14} {unit:30} hearth {left:10,.1f}   broadcast {right:10,.1f}   x{left / right:.2f}")


if __name__ == "__main__":
    main()
