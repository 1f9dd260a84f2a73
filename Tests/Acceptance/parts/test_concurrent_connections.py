"""Concurrent connections: many at once, in one room, in many, and all at the same moment."""

import asyncio
from collections import Counter


async def test_two_hundred_in_a_room_all_hear_everything(enter):
    crowd = await asyncio.gather(*(enter(f"p{number}", state=["log"]) for number in range(200)))
    await asyncio.gather(*(crowd[number].send("say", {"text": number}) for number in range(0, 200, 4)))
    newest = max(person.seq for person in crowd)
    await asyncio.gather(*(person.until(lambda person=person: person.seq >= newest) for person in crowd))
    assert Counter(crowd[0].cells["log"]) == Counter(range(0, 200, 4))
    assert all(person.cells["log"] == crowd[0].cells["log"] for person in crowd)


async def test_fifty_rooms_of_four_do_not_mix(enter, room):
    async def party(number: int) -> None:
        people = [await enter(f"p{place}", at=f"{room[:40]}-{number}") for place in range(4)]
        await asyncio.gather(*(person.send("say", {"text": number}) for person in people for _ in range(3)))
        await asyncio.gather(*(
            person.until(lambda person=person: len(person.cells["log"]) == 12) for person in people))
        assert all(person.cells["log"] == [number] * 12 for person in people)

    await asyncio.gather(*(party(number) for number in range(50)))


async def test_a_hundred_that_come_go_and_return_at_once_are_a_hundred(enter, part, room):
    crowd = await asyncio.gather(*(enter(f"p{number}", state="none") for number in range(100)))
    sessions = [person.joined["session"] for person in crowd]
    assert len(set(sessions)) == 100
    for person in crowd:
        person.drop()
    await asyncio.gather(*(person.until(lambda person=person: person.closed) for person in crowd))
    await asyncio.gather(*(person.enter() for person in crowd))
    assert [person.joined["session"] for person in crowd] == sessions
    assert all(person.joined["resumed"] for person in crowd)
    shown = part.get(f"/rooms/{room}").json
    assert len(shown["participants"]) == 100 and shown["sessions"] == 100
    assert len([visit for visit in shown["cells"]["visits"] if visit.startswith("join")]) == 100
