"""Faults on purpose (`--faults`): conflicts, lost VMs, cut sockets, late and refused writes. Nothing is lost, nothing is
doubled, and nobody who is not told of an error has one."""

import asyncio
import re
import subprocess
from collections import Counter

import websockets
from client import Client, Refused
from playwright.async_api import Page
from server import TEST_RECIPES, Server, binary

EVENTS, RELOAD_EVERY, NUMBERS = 200, 10, 20


async def live(page: Page) -> None:
    await page.evaluate("room.ready.then(() => true)")


def metric(server: Server, name: str) -> int:
    return int(re.search(rf"^hearth_{name} (\d+)$", server.get("/metrics").text, re.MULTILINE)[1])


def test_two_tabs_show_the_same_four_thousand_messages_under_faults(serve, browser, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--faults", "seed=5,conflict=0.5,discard=0.2"))

    async def scenario():
        async with browser() as chromium:
            url = server.page("twenty", "hall")
            tabs = await chromium.page(url, "Ann"), await chromium.page(url, "Bob")
            for tab in tabs:
                await live(tab)
            for event in range(EVENTS):
                tab = tabs[event % 2]
                if event % RELOAD_EVERY == RELOAD_EVERY - 1:
                    # Under way when its tab is reloaded: the page that comes up sends it again.
                    await tab.evaluate("event => { burst(event) }", event)
                    for tab in tabs:
                        await tab.reload()
                        await live(tab)
                else:
                    assert await tab.evaluate("event => burst(event)", event), f"event {event}"

            for author, tab in zip(("Ann", "Bob"), tabs, strict=True):
                assert await tab.evaluate("name => room.send('rename', { name }).then(() => true)", f"{author} B.")
            first, second = [await tab.evaluate("shown", [EVENTS * NUMBERS, ["Ann B.", "Bob B."]]) for tab in tabs]
            assert first == second
            for sender in (0, 1):
                numbers = [(event, number) for event, number, _ in first if event % 2 == sender]
                wanted = [(event, number) for event in range(sender, EVENTS, 2) for number in range(1, NUMBERS + 1)]
                assert numbers == wanted, "each once, in the order in which they were sent"
            for tab in tabs:
                assert tab.faults == [] and await tab.evaluate("sessionStorage.getItem('errors')") is None
                assert await tab.evaluate("burst(999)"), "the room goes on"

    run(scenario(), 120)
    assert metric(server, "conflicts_total") > EVENTS // 4
    assert metric(server, "reruns_total") == metric(server, "reattached_total") == metric(server, "conflicts_total")
    assert metric(server, "events_failed_total") == metric(server, "bindings_lost_total") == 0


CLIENTS, NOTES, AT_ONCE = 6, 100, 2


class Sender:
    """A client that comes back as often as it is cut off, and tries again what it may."""

    def __init__(self, server: Server, index: int):
        self.who = f"client{index}"
        self.client = Client(server.room("book", "ledger"), self.who)
        self.refusals: Counter = Counter()
        self.returns = -1

    async def enter(self) -> None:
        while True:
            try:
                await self.client.enter()
                self.returns += 1
                return
            except Refused as refusal:
                assert refusal.retryable, refusal
                self.refusals[refusal.code] += 1
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            await asyncio.sleep(0.05)

    async def come_back(self) -> None:
        while True:
            await self.client.until(lambda: self.client.closed, 60)
            await self.enter()

    async def note(self, number: int) -> None:
        while True:
            try:
                await self.client.send("note", {"who": self.who, "number": number})
                return
            except Refused as refusal:
                # The answer has used up the id; the same work again is a new event.
                assert refusal.retryable, refusal
                self.refusals[refusal.code] += 1
                await asyncio.sleep(0.05)

    async def work(self) -> None:
        await self.enter()
        back = asyncio.create_task(self.come_back())
        try:
            # Some at a time, so that what is cut off finds more than one under way.
            for first in range(0, NOTES, AT_ONCE):
                async with asyncio.TaskGroup() as group:
                    for number in range(first, first + AT_ONCE):
                        group.create_task(self.note(number))
        finally:
            back.cancel()


def test_clients_that_come_back_end_with_every_event_exactly_once(serve, run):
    server = serve(
        recipes=TEST_RECIPES, arguments=("--faults", "seed=9,conflict=0.3,drop=0.05,delay=20,refuse=40"))
    senders = [Sender(server, index) for index in range(CLIENTS)]

    async def scenario():
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.work())
        # Who was cut off at the last comes back once more, and then all have the same.
        newest = server.get("/rooms/book/cells").json
        for sender in senders:
            if sender.client.closed:
                await sender.enter()
            await sender.client.until(lambda: sender.client.seq >= newest["seq"])
            assert sender.client.fault is None
            await sender.client.socket.close()
        return newest

    newest = run(scenario(), 60)
    counted = Counter((entry["who"], entry["number"]) for entry in newest["cells"]["entries"])
    assert counted == Counter((sender.who, number) for sender in senders for number in range(NOTES))
    assert newest["cells"]["total"] == CLIENTS * NOTES
    for sender in senders:
        assert sender.client.cells == newest["cells"]
    assert sum(sender.returns for sender in senders) > 0, "sockets were cut"
    assert sum(sender.refusals["storage_unavailable"] for sender in senders) > 0, "writes were refused"
    assert metric(server, "conflicts_total") > 0
    server.stop()
    verified = server.run("verify", "--data", str(server.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_spec_that_is_none_is_refused_in_one_line(tmp_path):
    for spec, advice in [
        ("nonsense", "settings are seed=N"), ("conflict=2", "a share from 0 to 1"), ("seed=7,refuse=1", "from 2"),
        ("colour=red", "settings are seed=N"),
    ]:
        done = subprocess.run(
            [binary(), "serve", TEST_RECIPES, "--data", tmp_path, "--port", "0", "--faults", spec],
            capture_output=True, text=True, timeout=20)
        assert done.returncode == 64
        (line,) = done.stderr.splitlines()
        assert line.startswith("hearth: ") and advice in line and "--faults" in line, line


def test_a_handler_that_waits_when_the_server_is_killed_commits_once(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def scenario():
        ann = await Client(server.room("desk", "form"), "Ann").enter()
        bob = await Client(server.room("desk", "form"), "Bob").enter()
        await ann.send("pick", {"value": "first"})
        answer = await ann.start("ask", {"of": bob.joined["session"]})
        behind = await ann.start("add_note", {"value": "behind"})
        await bob.until(lambda: list(bob.of("ask")))
        server.kill()
        await ann.until(lambda: ann.closed)
        await asyncio.to_thread(server.start)

        await bob.enter()
        await ann.enter()
        assert ann.joined["resumed"] and ann.joined["last_event"] == 1, "what waits is not decided"
        question = (await bob.until(lambda: list(bob.of("ask"))[1:]))[0]
        assert ann.cells["plain"] == "first" and not answer.done() and not behind.done()
        await bob.post({"type": "answer", "ask": question["ask"], "data": {"value": "agreed"}})
        acks = await answer, await behind
        assert acks[0]["seq"] < acks[1]["seq"]
        cells = server.cells("desk")
        await bob.until(lambda: bob.seq >= acks[1]["seq"])
        assert ann.cells == bob.cells == cells
        assert (cells["plain"], cells["notes"]) == ("agreed", "behind")
        commits = [commit["event"] for commit in server.get("/rooms/desk/commits").json["commits"]]
        assert commits.count("ask") == commits.count("add_note") == 1
        await ann.close(), await bob.close()

    run(scenario())
