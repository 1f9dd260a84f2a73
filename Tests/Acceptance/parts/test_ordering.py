"""Ordering: one order for everybody, and everybody's own order in it."""

import asyncio


async def senders(enter, count: int):
    return await asyncio.gather(*(enter(f"p{number}") for number in range(count)))


def own(log: list, who: int) -> list[int]:
    return [number for place, number in log if place == who]


async def flood(people, each: int) -> None:
    async def speak(place: int) -> None:
        answers = [await people[place].start("say", {"text": [place, number]}) for number in range(each)]
        await asyncio.wait(answers)

    await asyncio.gather(*(speak(place) for place in range(len(people))))
    newest = max(person.seq for person in people)
    await asyncio.gather(*(person.until(lambda person=person: person.seq >= newest) for person in people))


async def test_seq_rises_by_one_for_everybody(enter):
    people = await senders(enter, 5)
    await flood(people, 40)
    for person in people:
        seqs = [commit["seq"] for commit in person.of("commit")]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_everybody_sees_the_same_order(enter):
    people = await senders(enter, 5)
    await flood(people, 40)
    assert len(people[0].cells["log"]) == 200
    assert all(person.cells["log"] == people[0].cells["log"] for person in people)


async def test_everybodys_own_order_is_kept(enter):
    people = await senders(enter, 5)
    await flood(people, 40)
    assert all(own(people[0].cells["log"], place) == list(range(40)) for place in range(5))


async def test_answers_come_in_the_order_of_the_events(enter):
    ann = await enter("Ann")
    answers = [await ann.start("say", {"text": number}) for number in range(100)]
    await asyncio.wait(answers)
    assert [ack["id"] for ack in ann.of("ack")] == list(range(1, 101))


async def test_an_ack_follows_its_own_commit_and_precedes_the_next_but_one(enter):
    ann = await enter("Ann", batch=False)
    for number in range(50):
        await ann.send("say", {"text": number})
    kinds = [(message["type"], message["seq"]) for message in ann.received if message["type"] in ("commit", "ack")]
    for place, (kind, seq) in enumerate(kinds):
        if kind == "ack":
            assert ("commit", seq) in kinds[:place]


async def test_order_is_kept_over_drops(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    for round in range(5):
        for number in range(20):
            await ann.start("say", {"text": [0, round * 20 + number]})
        ann.drop()
        await ann.until(lambda: ann.closed)
        await ann.enter()
    await ann.until(lambda: not ann.waiting)
    await bob.until(lambda: bob.seq == ann.seq)
    assert own(bob.cells["log"], 0) == list(range(100))


async def test_events_behind_one_that_waits_keep_their_place(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    waiting = await ann.start("slow", {"ms": 300, "text": "first"})
    behind = [await ann.start("say", {"text": number}) for number in range(3)]
    await bob.send("say", {"text": "meanwhile"})
    await asyncio.wait([waiting, *behind])
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.cells["log"] == ["meanwhile", "first", 0, 1, 2]


async def test_a_signal_comes_with_the_commit_that_it_belongs_to(enter):
    ann, bob = await enter("Ann", batch=False), await enter("Bob", batch=False)
    for number in range(10):
        await ann.start("say", {"text": number})
        await ann.start("shout", {"text": str(number)})
    await bob.until(lambda: len(list(bob.of("signal"))) == 10)
    heard = [
        message["data"]["text"] if message["type"] == "signal" else str(message["patch"][0]["value"])
        for message in bob.received if message["type"] == "signal" or message.get("event") == "say"]
    assert heard == [text for number in range(10) for text in (str(number),) * 2]
