"""Queue persistence: what was promised is kept, once, over drops, kills and restarts: events, answers, timers, waits,
messages between rooms."""

import asyncio
import json
import urllib.request

import pytest
from client import Client, Refused


@pytest.fixture
def house(serve):
    """A server of the test's own, to be killed."""
    from server import TEST_RECIPES
    return serve(recipes=TEST_RECIPES)


@pytest.fixture
def visit(house):
    async def join(name: str, at: str = "hall", **options) -> Client:
        return await Client(house.room(at, "plaza"), name, **options).enter()

    return join


async def back(*people: Client) -> None:
    for person in people:
        await person.until(lambda person=person: person.closed)
        await person.enter()


def log(house, room: str = "hall") -> list:
    return house.cells(room)["log"]


async def until(true, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)


async def test_an_acknowledged_event_survives_a_kill(house, visit):
    ann = await visit("Ann")
    await ann.send("say", {"text": "kept"})
    house.restart()
    assert log(house) == ["kept"]


async def test_unanswered_events_are_sent_again_and_run_once(house, visit):
    ann = await visit("Ann")
    for number in range(100):
        await ann.start("say", {"text": number})
    house.restart()
    await back(ann)
    await ann.until(lambda: not ann.waiting)
    assert log(house) == list(range(100))


async def test_a_repeat_gets_the_first_answer_again(house, visit):
    ann = await visit("Ann")
    first = await ann.send("say", {"text": "once"})
    await ann.post({"type": "event", "id": first["id"], "name": "say", "data": {"text": "twice"}})
    await ann.until(lambda: len(list(ann.of("ack"))) == 2)
    assert list(ann.of("ack"))[1] == first and log(house) == ["once"]


async def test_a_repeat_gets_the_first_answer_again_after_a_kill(house, visit):
    ann = await visit("Ann")
    first = await ann.send("say", {"text": "once"})
    with pytest.raises(Refused) as refused:
        await ann.send("boast")
    house.restart()
    await back(ann)
    assert ann.joined["last_event"] == 2
    for id in (1, 2):
        await ann.post({"type": "event", "id": id, "name": "say", "data": {"text": "twice"}})
    await ann.until(lambda: any(error.get("id") == 2 for error in list(ann.of("error"))[1:]))
    assert list(ann.of("ack"))[-1] == first
    assert list(ann.of("error"))[-1]["code"] == refused.value.code and log(house) == ["once"]


async def test_answers_are_kept_for_256_events(house, visit):
    ann = await visit("Ann")
    for number in range(300):
        await ann.start("add", {"by": 1})
    await ann.until(lambda: not ann.waiting)
    await ann.post({"type": "event", "id": 45, "name": "add", "data": {"by": 1}})
    await ann.post({"type": "event", "id": 10, "name": "add", "data": {"by": 1}})
    await ann.until(lambda: list(ann.of("error")))
    assert next(ann.of("error"))["code"] == "out_of_order" and next(ann.of("error"))["id"] == 10
    assert list(ann.of("ack"))[-1]["id"] == 45 and house.cells("hall")["count"] == 300


async def test_a_session_survives_a_kill_with_its_cells(house, visit):
    ann = await visit("Ann")
    await ann.send("rename", {"name": "Anna"})
    house.restart()
    await back(ann)
    assert ann.joined["resumed"] and ann.cells[f"user@{ann.joined['session']}"] == {"name": "Anna"}
    assert ann.cells["visits"] == ["join Ann"]


async def test_a_timer_survives_a_kill_and_goes_off_once(house, visit):
    ann = await visit("Ann")
    await ann.send("later", {"ms": 1_500, "text": "due"})
    house.restart()
    await until(lambda: log(house) == ["due"])
    house.restart()
    await asyncio.sleep(0.5)
    assert log(house) == ["due"]


async def test_a_timer_that_was_due_while_nobody_served_goes_off_at_the_start(house, visit):
    ann = await visit("Ann")
    await ann.send("later", {"ms": 300, "text": "due"})
    house.kill()
    await asyncio.sleep(0.6)
    house.start()
    await until(lambda: log(house) == ["due"])


async def test_a_cancelled_timer_stays_cancelled(house, visit):
    ann = await visit("Ann")
    timer = (await ann.send("later", {"ms": 1_000, "text": "never"}))["result"]
    await ann.send("cancel", {"timer": timer})
    house.restart()
    await asyncio.sleep(1.5)
    assert log(house) == []


async def test_a_handler_that_waits_when_the_server_is_killed_ends_once(house, visit):
    ann = await visit("Ann")
    await ann.start("slow", {"ms": 500, "text": "once"})
    await until(lambda: house.get("/rooms/hall").json["stats"]["waits"] == 1)
    house.restart()
    await back(ann)
    await ann.until(lambda: not ann.waiting)
    assert log(house) == ["once"]


async def test_a_question_is_put_again_after_a_return(house, visit):
    ann, bob = await visit("Ann"), await visit("Bob")
    asked = await ann.start("question", {"to": bob.joined["session"], "ms": 30_000})
    await bob.until(lambda: list(bob.of("ask")))
    bob.drop()
    await back(bob)
    await bob.until(lambda: len(list(bob.of("ask"))) == 2)
    first, again = bob.of("ask")
    assert first["ask"] == again["ask"]
    await bob.post({"type": "answer", "ask": again["ask"], "data": "yes"})
    assert (await asyncio.wait_for(asked, 20))["result"] == "yes"


async def test_a_message_to_another_room_arrives_once(house, visit):
    ann, bob = await visit("Ann"), await visit("Bob", at="cellar")
    for number in range(20):
        await ann.send("tell", {"room": "cellar", "text": str(number)})
    await bob.until(lambda: len(bob.cells["log"]) == 20)
    assert sorted(map(int, bob.cells["log"])) == list(range(20))


async def test_messages_to_another_room_arrive_once_over_kills(house, visit):
    ann = await visit("Ann")
    await visit("Bob", at="cellar")
    for round in range(3):
        for number in range(20):
            await ann.start("tell", {"room": "cellar", "text": str(round * 20 + number)})
        house.restart()
        await back(ann)
        await ann.until(lambda: not ann.waiting)
    await until(lambda: len(log(house, "cellar")) >= 60)
    await asyncio.sleep(0.3)
    assert sorted(map(int, log(house, "cellar"))) == list(range(60)) and house.cells("hall")["count"] == 60


async def test_an_idempotency_key_works_over_a_kill(house, visit):
    await visit("Ann")

    def call() -> dict:
        request = urllib.request.Request(
            f"{house.http}/rooms/hall/events", method="POST",
            data=json.dumps({"name": "say", "data": {"text": "once"}}).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": "key-1"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    first = await asyncio.to_thread(call)
    house.restart()
    assert await asyncio.to_thread(call) == first and log(house) == ["once"]


async def test_a_stop_in_good_order_loses_nothing_and_says_when_to_return(house, visit):
    ann = await visit("Ann")
    for number in range(200):
        await ann.start("say", {"text": number})
    await asyncio.to_thread(house.stop)
    await ann.until(lambda: ann.closed)
    bye = next(ann.of("bye"))
    assert ann.closed[0] == 1012 and bye["code"] == 1012 and bye["retry_after_ms"] > 0
    house.start()
    await ann.enter()
    await ann.until(lambda: not ann.waiting)
    assert log(house) == list(range(200))


async def test_a_room_sleeps_and_wakes_as_it_was(house, visit):
    ann = await visit("Ann")
    await ann.send("say", {"text": "kept"})
    seq, epoch = ann.seq, ann.epoch
    await ann.leave()
    house.restart()
    bob = await visit("Bob")
    assert bob.epoch == epoch and bob.cells["log"] == ["kept"] and bob.seq > seq


async def test_the_chain_is_whole_after_all_of_it(house, visit):
    ann = await visit("Ann")
    for _ in range(3):
        for number in range(50):
            await ann.start("say", {"text": number})
        house.restart()
        await back(ann)
    await ann.until(lambda: not ann.waiting)
    verified = await asyncio.to_thread(house.run, "verify", "--data", str(house.data))
    assert verified.returncode == 0, verified.stderr
