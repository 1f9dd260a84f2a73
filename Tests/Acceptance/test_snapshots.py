"""Snapshots lie beside the database: nothing rests on them, and no commit waits for one."""

import asyncio
import random
import re
import time

from client import Client
from server import RECIPES

LONG = "x" * 1_900


def snapshots(server) -> list:
    return sorted((path for path in (server.data / "snapshots").glob("*/*/*")), key=lambda path: int(path.name))


def awaited(server) -> list:
    until = time.monotonic() + 10
    while not snapshots(server):
        assert time.monotonic() < until, server.tail()
    return snapshots(server)


async def talk_in(server, count: int) -> None:
    client = await Client(server.room("large", "chat"), state="none").enter()
    for start in range(0, count, 50):
        answers = [await client.start("send", {"text": f"{start + number} {LONG}"}) for number in range(min(50, count - start))]
        await asyncio.gather(*answers)


def test_a_server_that_is_killed_while_it_writes_one_loses_nothing(serve, run):
    server = serve(recipes=RECIPES)
    numbers = random.Random(7)
    total = 0

    async def grow() -> int:
        client = await Client(server.room("large", "chat"), state="none").enter()
        client.keep_received = False
        waiting = [await client.start("send", {"text": f"{number} {LONG}"}) for number in range(400)]
        await asyncio.wait(waiting, timeout=numbers.uniform(0.05, 0.6))
        server.kill()
        return sum(1 for answer in await asyncio.gather(*waiting, return_exceptions=True) if isinstance(answer, dict))

    for _ in range(5):
        total += run(grow(), 60)
        server.start()
        assert not list((server.data / "snapshots").glob(".new-*"))
        assert len(server.cells("large")["messages"]) >= total
    assert awaited(server)
    server.stop()
    verified = server.run("verify", "--data", str(server.data))
    assert verified.returncode == 0, verified.stdout


def test_a_room_goes_on_and_is_whole_where_none_can_be_written(serve, run):
    server = serve(recipes=RECIPES)
    # Where the folder should be.
    (server.data / "snapshots").write_text("in the way")
    run(talk_in(server, 200), 60)
    told = server.log_lines("snapshot not kept", "room=large")
    assert told and "/snapshots/0 cannot be made: Not a directory" in told[0], server.tail()
    (failed,) = re.findall(r"^hearth_snapshots_failed_total (\d+)$", server.get("/metrics").text, re.MULTILINE)
    assert int(failed) >= len(told)
    server.kill()
    server.start()
    assert len(server.cells("large")["messages"]) == 200
    (server.data / "snapshots").unlink()
    run(talk_in(server, 200), 60)
    assert awaited(server)
    server.stop()
    assert server.run("verify", "--data", str(server.data)).returncode == 0


def test_a_damaged_one_is_passed_over_and_told_of(serve, run):
    server = serve(recipes=RECIPES)
    run(talk_in(server, 300), 60)
    awaited(server)
    server.stop()
    newest = snapshots(server)[-1]
    damaged = bytearray(newest.read_bytes())
    damaged[-10] ^= 1
    newest.write_bytes(damaged)
    verified = server.run("verify", "--data", str(server.data))
    assert verified.returncode == 1 and f"commit {newest.name}" in verified.stdout and "checksum" in verified.stdout
    server.start()
    assert len(server.cells("large")["messages"]) == 300
    assert server.log_lines("snapshot passed over", f"/{newest.name} cannot be used"), server.tail()
    server.stop()
    newest.unlink()
    assert server.run("verify", "--data", str(server.data)).returncode == 0


def test_a_deleted_room_leaves_no_files(serve, run):
    server = serve(recipes=RECIPES)
    run(talk_in(server, 200), 60)
    assert awaited(server)
    assert server.delete("/rooms/large").status in (200, 204)
    assert not snapshots(server)
    run(talk_in(server, 200), 60)
    assert len(server.cells("large")["messages"]) == 200
