"""With the disk held, no commit and no ack leaves; with the disk full, senders get `storage_unavailable`, readers keep
reading, and when there is room again the server goes on, without a restart and with every acknowledged event present."""

import asyncio
import contextlib
import resource
import sqlite3
import subprocess
from pathlib import Path

import pytest
from client import Client, Refused
from server import TEST_RECIPES

HELD_SECONDS = 2
DISK_BYTES = 24 << 20


@contextlib.contextmanager
def disk_held(database: Path):
    """Another process has SQLite's write lock: every write of the server waits."""
    holder = sqlite3.connect(database, isolation_level=None, timeout=10)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
    finally:
        holder.close()


def visible(client: Client) -> list[str]:
    """What rests on a commit. An error does not: the server may give up waiting for the disk and say so."""
    return [message["type"] for message in client.received if message["type"] in ("commit", "ack")]


async def insist(client: Client, who: str, number: int, seconds: float = 30) -> dict:
    """A new event with the same data until one is acknowledged."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await client.send("note", {"who": who, "number": number})
            except Refused as refusal:
                assert refusal.code == "storage_unavailable" and refusal.retryable
                await asyncio.sleep(0.2)


def test_nothing_leaves_while_the_disk_is_held(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def scenario():
        ann = await Client(server.room("hall", "ledger"), "Ann").enter()
        bob = await Client(server.room("hall"), "Bob").enter()
        await ann.send("note", {"who": "ann", "number": 1})
        await bob.until(lambda: len(bob.cells["entries"]) == 1)
        ann.received.clear(), bob.received.clear()

        with disk_held(server.database()):
            answer = await ann.start("note", {"who": "ann", "number": 2})
            await asyncio.sleep(HELD_SECONDS)
            assert [visible(ann), visible(bob)] == [[], []]
            assert server.cells("hall")["total"] == 1
        try:
            await asyncio.wait_for(answer, 20)
        except Refused as refusal:
            assert refusal.code == "storage_unavailable" and refusal.retryable
            await insist(ann, "ann", 2)
        await bob.until(lambda: bob.cells["total"] == 2)
        assert [entry["number"] for entry in bob.cells["entries"]] == [1, 2]

    run(scenario())


@contextlib.contextmanager
def small_disk(path: Path):
    """A file system of its own that can be filled; skipped over where mounting is not allowed."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "hearth-test", path], capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", path], check=True)


class Filler:
    """Makes the disk full, and makes room again."""

    def __init__(self, server, mounted: bool):
        self.server, self.mounted = server, mounted
        self.path = server.data / "filler"

    def fill(self) -> None:
        if not self.mounted:
            # No file grows any more: SQLite sees what it would see on a full disk.
            # The log has had its full size from the start, and would go on within it.
            files = [path for path in self.server.data.rglob("*") if path.is_file() and path.suffix != ".db-wal"]
            largest = max(path.stat().st_size for path in files)
            self.limit(largest)
            return
        with contextlib.suppress(OSError), self.path.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)

    def empty(self) -> None:
        if self.mounted:
            self.path.unlink()
        else:
            self.limit(resource.RLIM_INFINITY)

    def limit(self, bytes_max: int) -> None:
        _, hard = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (bytes_max, hard))


def test_a_full_disk_refuses_senders_and_harms_nothing_else(serve, run, tmp_path):
    async def scenario(server, filler):
        ann = await Client(server.room("hall", "ledger"), "Ann").enter()
        bob = await Client(server.room("hall"), "Bob").enter()
        padding = "x" * 4000
        acknowledged = []

        async def note(number: int) -> None:
            await ann.send("note", {"who": f"{padding}{number}", "number": number})
            acknowledged.append(number)

        for number in range(10):
            await note(number)
        filler.fill()
        number = 10
        with pytest.raises(Refused) as refused:
            while number < 5_000:
                await note(number)
                number += 1
        assert refused.value.code == "storage_unavailable" and refused.value.retryable
        with pytest.raises(Refused, match="storage_unavailable"):
            await note(number)

        # Readers: what is acknowledged and nothing else, by socket and by HTTP.
        await bob.post({"type": "sync_request"})
        await bob.until(lambda: list(bob.of("sync_response")))
        assert [entry["number"] for entry in bob.cells["entries"]] == acknowledged
        assert [entry["number"] for entry in server.cells("hall")["entries"]] == acknowledged
        assert ann.closed is None and bob.closed is None

        filler.empty()
        await insist(ann, "after", number)
        acknowledged.append(number)
        await bob.until(lambda: bob.cells["total"] == len(acknowledged))
        for reader in (ann, bob, await Client(server.room("hall"), "Cleo").enter()):
            assert [entry["number"] for entry in reader.cells["entries"]] == acknowledged
        assert server.process.poll() is None
        server.restart()
        assert [entry["number"] for entry in server.cells("hall")["entries"]] == acknowledged

    with small_disk(tmp_path / "disk") as mounted:
        server = serve(recipes=TEST_RECIPES, data=tmp_path / "disk" / "data")
        try:
            run(scenario(server, Filler(server, mounted)), 90)
        finally:
            server.stop()


def test_a_deletion_that_the_disk_refuses_loses_no_event(serve, run, tmp_path):
    """What clients sent while a room was about to be deleted was dropped; when the disk then refused the deletion, these
    events were never answered, and every later one was out of order."""

    async def scenario(server, filler):
        ann = await Client(server.room("hall", "ledger"), "Ann").enter()
        for number in range(10):
            await ann.send("note", {"who": "x" * 4000, "number": number})
        with disk_held(server.database()):
            deletion = asyncio.create_task(asyncio.to_thread(server.delete, "/rooms/hall"))
            await asyncio.sleep(0.5)
            meanwhile = [await ann.start("note", {"who": "Ann", "number": number}) for number in (10, 11)]
            await asyncio.sleep(0.2)
            filler.fill()
        answer = await deletion
        assert answer.status == 503, answer
        filler.empty()
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*meanwhile, return_exceptions=True)
        assert all(isinstance(answer, dict) or answer.code == "storage_unavailable" for answer in answers)
        assert await insist(ann, "Ann", 12)
        assert ann.closed is None

    with small_disk(tmp_path / "disk") as mounted:
        server = serve(recipes=TEST_RECIPES, data=tmp_path / "disk" / "data")
        try:
            run(scenario(server, Filler(server, mounted)), 60)
        finally:
            server.stop()
