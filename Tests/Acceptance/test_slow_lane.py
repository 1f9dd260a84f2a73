"""A recipe that goes to the slow lane and comes back, again and again, while its rooms are used in every way there is."""

import asyncio
import random
import shutil
import time
from pathlib import Path

import websockets

from client import Client, Refused
from server import TEST_RECIPES

SEED = 20
ROOMS = ("one", "two", "three")
MEMBERS = 3
ROUNDS = 3
BUSY_SECONDS = 1.5
PATIENCE_SECONDS = 30
UNDER_WAY_MAX = 8


class Member:
    """Sends numbered events of all kinds and goes away now and then."""

    def __init__(self, url: str, name: str):
        self.client = Client(url, name=name)
        self.name = name
        self.random = random.Random(f"{SEED}{name}")
        self.sent = 0
        self.kinds: dict[str, int] = {}
        self.answers: list[asyncio.Future] = []
        self.is_busy = asyncio.Event()
        self.ended = False

    async def say(self) -> None:
        kinds = ["note"] * 6 + ["nap", "alarm", "tell"] + (["crawl"] if self.is_busy.is_set() else [])
        kind = self.random.choice(kinds)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        data = {"who": self.name, "text": self.sent}
        if kind == "tell":
            data["room"] = self.random.choice(ROOMS)
        self.sent += 1
        self.answers.append(await self.client.start(kind, data))

    async def live(self) -> None:
        await self.client.enter()
        while not self.ended:
            await self.say()
            if len(self.client.waiting) >= UNDER_WAY_MAX:
                oldest = self.client.waiting[min(self.client.waiting)][1]
                await asyncio.wait([oldest], timeout=20)
            if self.random.random() < 0.02:
                self.client.drop()
                await self.client.until(lambda: self.client.closed)
                await self.client.enter()
            await asyncio.sleep(0.01)  # how fast somebody sends; nothing is awaited by it
        for answer in self.answers:
            await asyncio.wait_for(answer, 20)


async def come_and_go(server, url: str, over: asyncio.Event) -> int:
    """A room that is made, used and deleted as fast as it goes."""
    count = 0
    while not over.is_set():
        visitor = Client(url, name="visitor")
        try:
            await visitor.enter()
            await visitor.send("note", {"who": "visitor", "text": 0})
            assert [said["who"] for said in visitor.cells["said"]] == ["visitor"], "a room outlived its deletion"
            gone = await asyncio.to_thread(server.delete, "/rooms/fleeting")
            assert gone.status in (200, 204), gone
            await visitor.until(lambda: visitor.closed)
            count += 1
        except Refused as refused:
            assert refused.code in ("room_closed", "room_not_found"), refused
        except websockets.InvalidStatus as refused:
            assert refused.response.status_code in (404, 503), refused
    return count


def test_a_recipe_goes_to_the_slow_lane_and_back_unnoticed(serve, run, tmp_path: Path):
    recipes = tmp_path / "recipes"
    shutil.copytree(TEST_RECIPES / "crawler", recipes / "crawler")
    file = recipes / "crawler" / "recipe.lua"
    text = file.read_text()
    server = serve(recipes=recipes, arguments=("--slow-lane", "1", "--threads", "2"))

    async def scenario():
        members = [
            Member(server.room(room, "crawler"), f"{room}{number}") for room in ROOMS for number in range(MEMBERS)]
        over = asyncio.Event()
        visits = asyncio.create_task(come_and_go(server, server.room("fleeting", "crawler"), over))
        lives = [asyncio.create_task(member.live()) for member in members]
        for number in range(ROUNDS):
            for member in members:
                member.is_busy.set()
            await asyncio.sleep(BUSY_SECONDS / 2)
            file.write_text(text.replace("return 1 end", f"return {number + 2} end"))
            taken = await asyncio.to_thread(server.post, "/recipes/crawler/reload")
            assert taken.status == 200, taken
            while server.log_path.read_text().count("moved to the slow lane") <= number:
                await asyncio.sleep(0.1)
            described = await asyncio.to_thread(server.get, "/rooms/one")
            assert described.status == 200, described
            for member in members:
                member.is_busy.clear()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while server.log_path.read_text().count("back from the slow lane") <= number:
                    await asyncio.sleep(0.1)
        for member in members:
            member.ended = True
        await asyncio.gather(*lives)
        over.set()
        visited = await visits
        log = server.log_path.read_text()
        print(f"\n{sum(member.sent for member in members)} events, {visited} rooms made and deleted, "
              f"{log.count('moved to the slow lane')} times there and {log.count('back from the slow lane')} back")

        for room in ROOMS:
            here = [member for member in members if member.name.startswith(room)]
            fired = sum(member.kinds.get("alarm", 0) for member in here)
            total = sum(member.sent for member in here)
            for member in here:
                client = member.client
                await client.until(lambda: len(client.cells["said"]) >= total and client.cells["fired"] >= fired)
                for other in here:
                    said = [said["text"] for said in client.cells["said"] if said["who"] == other.name]
                    assert said == list(range(other.sent)), (member.name, other.name)
                assert len(client.cells["said"]) == total and client.cells["fired"] == fired
                assert client.cells["version"] == ROUNDS + 1
            assert len({str(member.client.cells) for member in here}) == 1
        told = sum(member.kinds.get("tell", 0) for member in members)
        ears = [next(member.client for member in members if member.name.startswith(room)) for room in ROOMS]
        while sum(client.cells["heard"] for client in ears) < told:
            await asyncio.sleep(0.05)
        assert sum(client.cells["heard"] for client in ears) == told
        assert visited > 0
        assert log.count("moved to the slow lane") >= ROUNDS

    run(scenario(), 150)
    assert server.process.poll() is None


def test_what_is_slow_when_the_server_stops_ends_before_it(serve, run, tmp_path: Path):
    """No recipe moves while a server stops. What its loop laid by was run again and laid by again, until the time for stopping was over."""
    recipes = tmp_path / "recipes"
    text = (TEST_RECIPES / "crawler" / "recipe.lua").read_text()
    names = [f"crawler{number}" for number in range(30)]
    for name in names:
        (recipes / name).mkdir(parents=True)
        (recipes / name / "recipe.lua").write_text(text.replace('"crawler"', f'"{name}"'))
    server = serve(recipes=recipes, arguments=("--drain-delay", "1"))

    async def scenario() -> float:
        clients = [await Client(server.room(f"room-{name}", name)).enter() for name in names]
        server.process.terminate()
        await asyncio.sleep(0.85)  # so that the second is over in the middle of what follows
        answers = [await client.start("crawl", {"who": "somebody", "text": 0}) for client in clients]
        began = time.monotonic()
        for client, answer in zip(clients, answers):
            await client.until(lambda: client.closed)
            # Answered, or not taken any more: then it is sent again to the next server.
            assert client.closed[0] == 1012 and (not answer.done() or answer.exception() is None), client.closed
        answered = sum(answer.done() for answer in answers)
        await asyncio.to_thread(server.process.wait, 20)
        print(f"\n{answered} of {len(names)} answered, the end after {time.monotonic() - began:.1f} s")
        return time.monotonic() - began

    took = run(scenario())
    assert server.process.returncode == 0
    # Far below --shutdown-timeout, which is the end of patience.
    assert took < 6, took
