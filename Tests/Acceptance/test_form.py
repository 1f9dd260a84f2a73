"""Two people pick in the same field of a form at once, through handlers that wait between reading and writing: under
each way to merge, and with a refusal that says what the other chose."""

import pytest
from client import Client, Refused
from server import TEST_RECIPES, Server


@pytest.fixture
def server(serve) -> Server:
    return serve(recipes=TEST_RECIPES)


async def two(server: Server) -> tuple[Client, Client]:
    return (
        await Client(server.room("desk", "form"), "Ann").enter(),
        await Client(server.room("desk", "form"), "Bob").enter(),
    )


async def both(server: Server, event: str, mine: dict, theirs: dict) -> tuple[dict, dict, dict, dict]:
    """Ann begins and waits, Bob picks meanwhile; their acks, the cells that both then see, and the room's counts."""
    ann, bob = await two(server)
    slow = await ann.start(event, {"of": bob.joined["session"], **mine})
    (question,) = await bob.until(lambda: list(bob.of("ask")))
    quick = await bob.send(event, theirs)
    assert not slow.done()
    await go_on(bob, question)
    ack = await slow
    await bob.until(lambda: bob.seq >= ack["seq"])
    assert ann.cells == bob.cells == server.cells("desk")
    for client in (ann, bob):
        assert len(list(client.of("ack"))) == 1 and not list(client.of("error"))
    counts = stats(server)
    await ann.close(), await bob.close()
    return ack, quick, ann.cells, counts


async def go_on(bob: Client, question: dict) -> None:
    await bob.post({"type": "answer", "ask": question["ask"], "data": True})


def stats(server: Server) -> dict:
    return server.get("/rooms/desk").json["stats"]


def test_the_last_write_stays(server, run):
    ack, quick, cells, counts = run(both(server, "pick_last", {"value": "tea"}, {"value": "coffee"}))
    assert cells["last"] == "tea" and ack["seq"] == quick["seq"] + 1
    assert ack.get("runs", 1) == 1, "a merged event is not run again"
    assert counts | {"events": 0, "commits": 0} == {
        "events": 0, "commits": 0, "conflicts": 0, "reruns": 0, "reattached": 0, "lost_bindings": 0, "merges": 1,
        "waits": 2, "failures": 0,
    }


@pytest.mark.parametrize("mine, theirs, kept", [(2_000, 1_000, "tea"), (1_000, 2_000, "coffee")])
def test_a_merge_function_keeps_the_later_choice(server, run, mine: int, theirs: int, kept: str):
    _, _, cells, counts = run(both(server, "pick_later", {"value": "tea", "at": mine}, {"value": "coffee", "at": theirs}))
    assert cells["choice"] == {"value": kept, "at": 2_000}
    assert counts["conflicts"] == 0 and counts["merges"] == 1


def test_a_merge_function_joins_what_both_wrote(server, run):
    _, _, cells, counts = run(both(server, "add_note", {"value": "mine"}, {"value": "theirs, "}))
    assert cells["notes"] == "theirs, mine"
    assert counts["merges"] == 1


def test_without_a_policy_the_later_one_runs_again(server, run):
    ack, quick, cells, counts = run(both(server, "pick", {"value": "tea"}, {"value": "coffee"}))
    assert cells["plain"] == "tea" and ack["runs"] == 2
    assert ack["result"] == "coffee", "the second run read what the other had chosen"
    assert [counts[name] for name in ("conflicts", "reruns", "reattached", "failures")] == [1, 1, 1, 0]


@pytest.mark.parametrize("wait", [True, False], ids=["while it waits", "before it came"])
def test_a_strict_event_is_refused_with_the_choice_of_the_other(server, run, wait: bool):
    async def scenario():
        ann, bob = await two(server)
        seen = ann.seq
        if wait:
            answer = await ann.start("pick", {"of": bob.joined["session"], "value": "tea"}, strict=True, basis=seen)
            (question,) = await bob.until(lambda: list(bob.of("ask")))
            quick = await bob.send("pick", {"value": "coffee"})
            await go_on(bob, question)
        else:
            quick = await bob.send("pick", {"value": "coffee"})
            answer = await ann.start("pick", {"value": "tea"}, strict=True, basis=seen)
        with pytest.raises(Refused) as refused:
            await answer
        await ann.until(lambda: ann.seq >= quick["seq"])
        assert stats(server)["failures"] == 1
        await ann.close(), await bob.close()
        return ann, bob, seen, quick, refused.value

    ann, bob, seen, quick, refusal = run(scenario())
    assert refusal.code == "conflict" and refusal.retryable
    details = refusal.details
    assert (details["cell"], details["path"], details["actual"]) == ("plain", "", "coffee")
    assert details["by"] == {"event": "pick", "handler": "pick", "participant": bob.joined["session"]}
    assert details["basis"] == seen and details["seq"] == quick["seq"] and details["runs"] == 1
    assert details["read_at"].startswith("form/recipe.lua:")
    assert ann.cells["plain"] == server.cells("desk")["plain"] == "coffee", "the choice of the other stands"
