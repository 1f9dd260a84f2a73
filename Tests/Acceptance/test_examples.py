"""Each example runs as its README says."""

import asyncio
import json
import subprocess
import sys
import urllib.request

from client import Client, Refused
from server import ROOT

EXAMPLES = ROOT / "Examples"


def test_the_bot_answers_and_comes_back(serve, run):
    server = serve()

    async def scenario():
        ann = await Client(server.room("lobby", "chat"), "Ann").enter()
        bot = subprocess.Popen(
            [sys.executable, EXAMPLES / "echo-bot" / "bot.py", server.room("lobby")], stdout=subprocess.PIPE, text=True)
        try:
            await ann.until(lambda: len(ann.cells["here"]) == 2)
            await ann.send("send", {"text": "!echo one"})
            await ann.until(lambda: [line["text"] for line in ann.cells["messages"]] == ["!echo one", "one"])
            server.kill()
            await asyncio.to_thread(server.start)
            await ann.until(lambda: ann.closed)
            await ann.enter()
            await ann.send("send", {"text": "!echo two"})
            await ann.until(lambda: len(ann.cells["messages"]) == 4, 20)
            assert [line["text"] for line in ann.cells["messages"]] == ["!echo one", "one", "!echo two", "two"]
        finally:
            bot.kill()
            bot.wait()

    run(scenario(), 60)


def test_the_poll_counts_votes_and_refuses_what_is_no_option(serve, run):
    server = serve(recipes=EXAMPLES / "poll" / "recipes")
    body = {"id": "lunch", "recipe": "poll", "input": {"question": "Lunch?", "options": ["soup", "salad"]}}
    request = urllib.request.Request(
        f"{server.http}/rooms", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201

    async def scenario():
        ann = await Client(server.room("lunch"), "Ann").enter()
        bob = await Client(server.room("lunch"), "Bob").enter()
        first = await ann.send("vote", {"option": "soup"})
        await bob.send("vote", {"option": "salad"})
        await bob.send("vote", {"option": "soup"})
        await ann.until(lambda: ann.cells["tally"] == {"soup": 2, "salad": 0})
        with urllib.request.urlopen(f"{server.http}/rooms/lunch/cells?at={first['seq']}") as answer:
            assert json.load(answer)["cells"]["tally"] == {"soup": 1, "salad": 0}, "derived as of then"
        refused = await refusal(ann, {"option": "cake"})
        assert refused.code == "unknown_option" and "cake" in str(refused)
        await ann.send("close")
        assert (await refusal(bob, {"option": "soup"})).code == "closed"

    run(scenario())


async def refusal(client: Client, data: dict):
    try:
        await client.send("vote", data)
    except Refused as refused:
        return refused
    raise AssertionError("was not refused")
