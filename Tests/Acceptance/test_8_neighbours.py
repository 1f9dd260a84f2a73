"""A room that never rests, and a client that never stops, harm nobody but themselves."""

import asyncio
import signal
import time

import pytest
from client import Client
from raw import TEXT, frame
from server import RECIPES, TEST_RECIPES
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


def test_a_server_stops_while_timers_are_always_due(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def arm():
        client = await Client(server.room("busy", "restless")).enter()
        await client.send("again", {"doublings": 6, "spin": 100})
        await client.until(lambda: client.cells["runs"] > 200)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        await client.until(lambda: client.closed)
        assert client.closed[0] == 1012 and any(client.of("bye"))
        return began

    began = run(arm())
    assert server.process.wait(10) == 0 and time.monotonic() - began < 5
    assert not server.log_lines("error"), server.tail()

    runs = server.start().cells("busy")["runs"]
    until = time.monotonic() + 10
    while server.cells("busy")["runs"] == runs:
        assert time.monotonic() < until, "the timers are gone"


def test_ten_restless_rooms_keep_nobody_waiting(serve, run, tmp_path):
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    for recipe in (TEST_RECIPES / "restless", RECIPES / "chat"):
        (recipes / recipe.name).symlink_to(recipe)
    server = serve(recipes=recipes)

    async def scenario():
        neighbours = []
        for number in range(10):
            neighbour = await Client(server.room(f"busy{number}", "restless")).enter()
            neighbour.keep_received = False
            # 64 timers each, every millisecond: more than the server can do.
            await neighbour.start("again", {"doublings": 6, "spin": 20_000})
            neighbours.append(neighbour)
        for neighbour in neighbours:
            await neighbour.until(lambda: neighbour.cells["runs"] > 100)

        slowest = 0.0
        began = time.monotonic()
        client = await Client(server.room("honest", "chat")).enter()
        slowest = time.monotonic() - began
        before = [neighbour.cells["runs"] for neighbour in neighbours]
        for number in range(20):
            began = time.monotonic()
            await client.send("send", {"text": f"{number}"})
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1, slowest
        for neighbour, runs in zip(neighbours, before):
            await neighbour.until(lambda: neighbour.cells["runs"] > runs)

    run(scenario(), 40)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(10) == 0


def test_asking_for_the_state_again_and_again_costs_it_once(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def scenario():
        client = await Client(server.room("state", "faulty")).enter()
        # In one piece: one by one, a fast server answers each before the next is there.
        client.socket.transport.write(frame(TEXT, b'{"type":"sync_request"}') * 5_000)
        await client.send("fine")
        answers = list(client.of("sync_response"))
        # One for what the server reads at once.
        assert 0 < len(answers) < 1_000, len(answers)
        assert client.cells["count"] == 1 and client.closed is None
        await client.post({"type": "sync_request"})
        await client.until(lambda: list(client.of("sync_response"))[-1]["seq"] == client.seq)

    run(scenario())


def test_a_socket_that_has_not_joined_does_not_hold_up_a_stop(serve, run):
    """A stop waited until the time in which such a socket had to join was over."""

    async def scenario():
        socket = await connect(server.room("hall", "ledger"), proxy=None)
        began = time.monotonic()
        server.process.terminate()
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
        assert socket.close_code == 1012
        await asyncio.to_thread(server.process.wait, 10)
        assert time.monotonic() - began < 4

    server = serve(recipes=TEST_RECIPES)
    run(scenario())


def test_a_large_room_that_wakes_keeps_nobody_waiting(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def fill():
        large = await Client(server.room("large", "twenty"), state="none").enter()
        large.keep_received = False
        for _ in range(25):
            await asyncio.gather(*[await large.start("burst", {"event": number}) for number in range(100)])

    run(fill(), 120)

    async def wake() -> float:
        """The longest that a neighbour waits meanwhile, as a part of what the large room takes."""
        neighbours = [await Client(server.room(f"small{number}", "twenty"), state="none").enter() for number in range(4)]
        awake = asyncio.Event()
        longest = 0.0

        async def talk(neighbour: Client) -> None:
            nonlocal longest
            while not awake.is_set():
                began = time.monotonic()
                await neighbour.send("rename", {"name": "somebody"})
                longest = max(longest, time.monotonic() - began)

        talks = [asyncio.create_task(talk(neighbour)) for neighbour in neighbours]
        await asyncio.sleep(0.3)
        longest, began = 0.0, time.monotonic()
        await Client(server.room("large"), state="none").enter()
        took = time.monotonic() - began
        awake.set()
        await asyncio.gather(*talks)
        return longest / took

    parts = []
    for _ in range(3):
        server.restart()
        parts.append(run(wake(), 30))
    # While the room was read on the loop that all of them share, they waited for two thirds of it.
    assert min(parts) < 0.4, parts
