"""All attacks at once from twenty rooms, while twenty honest rooms chat on the same server with its default limits."""

import asyncio
import time
from pathlib import Path

from client import Client, Refused
from server import RECIPES, TEST_RECIPES

ATTACKS = [
    "loop", "pcall_loop", "xpcall_handler", "coroutines", "chain", "comparator", "metamethod", "tostring_loop", "pattern",
    "balanced", "gsub", "doubling", "concat", "tables", "brim", "writes", "signals", "timers", "logs", "watched",
]
ROOMS = 20
PAUSE_SECONDS = 0.2
# As long as the attack: now and then the disk keeps everybody waiting, attack or not.
QUIET_SECONDS = 12
ATTACK_SECONDS = 12
RSS_MB_MAX = 600


def p99(latencies: list[float]) -> float:
    return sorted(latencies)[int(len(latencies) * 0.99)]


async def attack(client: Client, name: str, over: asyncio.Event) -> int:
    """Attacks again and again; every attack must be told to its sender, and end there."""
    count = 0
    while not over.is_set():
        try:
            await (await client.start(name))
            raise AssertionError(f"{name} did no harm")
        except Refused as refused:
            assert refused.code == "budget_exceeded", (name, refused)
            details = refused.details
            assert (details["recipe"], details["file"]) == ("hostile", "recipe.lua"), (name, details)
            assert details["handler"] in (name, "watch.watched") and details["line"] > 0 and details["kind"], (name, details)
            count += 1
    return count


async def chat(sender: Client, sent: list[str], seconds: float, after: float) -> list[float]:
    latencies = []
    end = time.monotonic() + seconds
    await asyncio.sleep(after)  # not all rooms speak at the same moment
    while time.monotonic() < end:
        text = f"message {len(sent)}"
        began = time.monotonic()
        await sender.send("send", {"text": text})
        latencies.append(time.monotonic() - began)
        sent.append(text)
        await asyncio.sleep(PAUSE_SECONDS)  # how fast somebody writes; nothing is awaited by it
    return latencies


def rss_mb(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) // 1024
    raise AssertionError(field)


def test_twenty_hostile_rooms_harm_only_themselves(serve, run, tmp_path):
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    for recipe in (TEST_RECIPES / "hostile", RECIPES / "chat"):
        (recipes / recipe.name).symlink_to(recipe)
    server = serve(recipes=recipes)

    async def scenario():
        pairs = []
        for number in range(ROOMS):
            url = server.room(f"honest{number}", "chat")
            pairs.append((await Client(url, name="Ann").enter(), await Client(url, name="Bob").enter()))
        hostile = [await Client(server.room(f"hostile{number}", "hostile")).enter() for number in range(ROOMS)]
        sent = [[] for _ in pairs]

        async def everyone_chats(seconds):
            chats = [
                chat(ann, sent[number], seconds, PAUSE_SECONDS * number / ROOMS)
                for number, (ann, _) in enumerate(pairs)]
            return [latency for latencies in await asyncio.gather(*chats) for latency in latencies]

        quiet = await everyone_chats(QUIET_SECONDS)
        over = asyncio.Event()
        attacks = [asyncio.create_task(attack(client, name, over)) for client, name in zip(hostile, ATTACKS)]
        loud = await everyone_chats(ATTACK_SECONDS)
        over.set()
        counts = dict(zip(ATTACKS, await asyncio.gather(*attacks)))
        print(f"\nquiet p99 {p99(quiet) * 1000:.1f} ms of {len(quiet)}, under attack {p99(loud) * 1000:.1f} ms of {len(loud)},"
              f" longest {max(loud) * 1000:.1f} ms; attacks {counts}; peak {rss_mb(server.process.pid, 'VmHWM')} MB")

        for (ann, bob), texts in zip(pairs, sent):
            for member in (ann, bob):
                await member.until(lambda: len(member.cells["messages"]) >= len(texts))
                assert [message["text"] for message in member.cells["messages"]] == texts
        for client in hostile:
            assert client.closed is None
            await client.send("fine")
            assert client.cells["fine"] == 1 and client.cells["list"] == []
        assert min(counts.values()) > 0, counts
        assert p99(loud) <= 3 * p99(quiet), (p99(loud), p99(quiet))

    run(scenario(), 180)
    assert server.process.poll() is None
    assert rss_mb(server.process.pid, "VmHWM") < RSS_MB_MAX
    log = server.log_path.read_text()
    for name in ATTACKS:
        lines = [line for line in log.splitlines() if "budget_exceeded" in line and f"handler={name}" in line]
        assert name == "watched" or any("recipe=hostile" in line and "line=" in line for line in lines), name
    assert "handler=watch.watched" in log
