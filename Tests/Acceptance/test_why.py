"""`hearth why`: how a commit came about, and what became of an event, from the data folder of a running server."""

import json
import re

import pytest
from client import Client, Refused
from server import TEST_RECIPES, Server
from test_command import hearth

WAIT_MS = 1_500


def why(server: Server, *arguments, status: int = 0) -> str:
    return hearth("why", *arguments, "--data", server.data, "--recipes", TEST_RECIPES, status=status)


def told(server: Server, *arguments) -> dict:
    return json.loads(why(server, *arguments, "--output", "json"))


async def two(server: Server) -> tuple[Client, Client]:
    return (
        await Client(server.room("desk", "form"), "Ann").enter(),
        await Client(server.room("desk", "form"), "Bob").enter(),
    )


@pytest.fixture
def server(serve) -> Server:
    return serve(recipes=TEST_RECIPES)


def line_of(text: str) -> tuple[int, str]:
    """The first line of the recipe with this text, and its number."""
    lines = (TEST_RECIPES / "form" / "recipe.lua").read_text().splitlines()
    return next((number, line) for number, line in enumerate(lines, 1) if text in line)


def test_a_commit_tells_of_the_run_that_was_rolled_back(server, run):
    async def scenario():
        ann, bob = await two(server)
        slow = await ann.start("pick", {"ms": WAIT_MS, "value": "tea"})
        first = await bob.send("pick", {"value": "coffee"})
        second = await slow
        assert second["runs"] == 2
        session = ann.joined["session"], bob.joined["session"]

        story = told(server, "desk", second["seq"])
        (conflict,) = story["conflicts"]
        line, source = line_of("local before = cells.plain")
        assert (story["by"], story["event"], story["id"], story["runs"]) == (session[0], "pick", 1, 2)
        assert (conflict["cell"], conflict["expected"], conflict["actual"]) == ("plain", "", "coffee")
        assert (conflict["seq"], conflict["file"], conflict["line"]) == (first["seq"], "recipe.lua", line)
        assert conflict["by"] == {"event": "pick", "participant": session[1]}
        assert {"sleep": WAIT_MS} in story["waits"]
        assert story["patch"] == [{"op": "replace", "path": "/plain", "value": "tea"}]
        assert story["recipe"]["name"] == "form" and story["merged"] == []

        # The same by the event's name, in both spellings, and as a person reads it.
        assert told(server, "desk", f"{session[0]}:1") == told(server, "desk", f"{session[0]}/1") == story
        text = why(server, "desk", second["seq"])
        assert text.startswith(f"commit {second['seq']} of desk   pick, by session {session[0]} (event 1), at 20")
        assert "ran 2 times\n" in text
        assert f"  run 1 was rolled back: plain was \"\" when recipe.lua:{line} used it, and became \"coffee\"" in text
        assert f"{line} | {source}\n" in text
        assert f"waited: slept {WAIT_MS} ms\n" in text
        assert re.search(r'^  replace /plain  "tea"$', text, re.MULTILINE)
        assert "ran once" in why(server, "desk", first["seq"])
        # Another version of the recipe, or none, has no line to quote.
        assert f"{line} |" not in hearth("why", "desk", second["seq"], "--data", server.data)
        await ann.close(), await bob.close()

    run(scenario())


def test_a_commit_tells_of_questions_and_merges(server, run):
    async def scenario():
        ann, bob = await two(server)
        asked = await ann.start("ask", {"of": bob.joined["session"]})
        (question,) = await bob.until(lambda: list(bob.of("ask")))
        await bob.post({"type": "answer", "ask": question["ask"], "data": {"value": "yes"}})
        text = why(server, "desk", (await asked)["seq"])
        assert f'waited: asked {bob.joined["session"]} "agree?" {{"value":""}}, answered {{"value":"yes"}}' in text

        slow = await ann.start("add_note", {"of": bob.joined["session"], "value": "mine"})
        question = await bob.until(lambda: list(bob.of("ask"))[1:])
        theirs = await bob.send("add_note", {"value": "theirs,"})
        await bob.post({"type": "answer", "ask": question[0]["ask"], "data": True})
        mine = await slow
        story = told(server, "desk", mine["seq"])
        assert story["merged"] == ["notes"] and story["basis"] < theirs["seq"]
        assert f"merged: notes (with commit {theirs['seq']})" in why(server, "desk", mine["seq"])
        await ann.close(), await bob.close()

    run(scenario())


def test_an_event_without_a_commit_tells_its_answer(server, run):
    async def scenario():
        ann, bob = await two(server)
        slow = await ann.start("strict_only", {"of": bob.joined["session"], "value": "x"})
        (question,) = await bob.until(lambda: list(bob.of("ask")))
        await bob.send("pick", {"value": "coffee"})
        await bob.post({"type": "answer", "ask": question["ask"], "data": True})
        with pytest.raises(Refused) as refused:
            await slow
        await ann.send("look")
        session = ann.joined["session"]

        answer = told(server, "desk", f"{session}:1")
        assert answer["outcome"] == "refused" and answer["error"]["code"] == "conflict"
        assert answer["error"]["details"] == refused.value.details
        text = why(server, "desk", f"{session}:1")
        assert "refused: conflict" in text
        for field in ("cell", "path", "expected", "actual", "basis", "seq", "runs", "read_at", "by"):
            assert re.search(rf"^  {field} ", text, re.MULTILINE), f"{field} is missing:\n{text}"

        assert told(server, "desk", f"{session}:2")["outcome"] == "unchanged"
        assert "done, and changed nothing" in why(server, "desk", f"{session}:2")

        # Of a session that has ended the commits are still known.
        await bob.leave()
        assert told(server, "desk", f"{bob.joined['session']}:1")["event"] == "pick"
        await ann.close()
        assert "it knows 1." in why(server, "desk", f"{bob.joined['session']}:2", status=1)

    run(scenario())


def test_what_cannot_be_told_is_said_in_one_line(server, run):
    async def scenario():
        ann = await Client(server.room("desk", "form"), "Ann").enter()
        for text in ("tea", "coffee"):
            newest = (await ann.send("pick", {"value": text}))["seq"]
        session = ann.joined["session"]
        assert 'no room "attic"' in why(server, "attic", 1, status=1)
        for seq in (0, newest + 1):
            assert f"commits 1 to {newest}; there is no commit {seq}" in why(server, "desk", seq, status=1)
        assert "it knows 1 to 2." in why(server, "desk", f"{session}:9", status=1)
        assert f"Open there: {session}." in why(server, "desk", "nobody:1", status=1)
        for malformed in ("x", "1.5", "a:b", ":1", f"{session}:", "99999999999999999999"):
            assert "SESSION:7" in why(server, "desk", malformed, status=64)
        await ann.close()

    run(scenario())
