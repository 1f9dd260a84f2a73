"""Clean-up: whoever goes is gone, at the right time, with all that was theirs, and once."""

import asyncio
import os
from pathlib import Path

from client import Client

TTL = 2
ARGUMENTS = ("--session-ttl", str(TTL))


async def eventually(true, seconds: float = 15):
    async with asyncio.timeout(seconds):
        while not (found := true()):
            await asyncio.sleep(0.03)
    return found


def open_files(part) -> int:
    return len(os.listdir(f"/proc/{part.process.pid}/fd"))


async def test_who_leaves_is_gone_at_once(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.leave()
    await bob.until(lambda: bob.cells["visits"][-1] == "leave Ann")
    shown = part.get(f"/rooms/{room}").json
    assert [person["name"] for person in shown["participants"]] == ["Bob"] and shown["sessions"] == 1


async def test_the_cells_of_who_left_are_gone(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    mine = f"user@{ann.joined['session']}"
    await bob.until(lambda: mine in bob.cells)
    await ann.leave()
    await bob.until(lambda: mine not in bob.cells)


async def test_a_cell_that_others_link_to_stays(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.send("introduce", {"said": "hello"})
    await ann.leave()
    await bob.until(lambda: bob.cells["visits"][-1] == "leave Ann")
    assert bob.look(bob.cells["people"][0]["who"]) == {"name": "Guest"}


async def test_who_drops_out_stays_for_the_ttl_and_then_leaves_once(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    ann.drop()
    await eventually(lambda: len(part.get(f"/rooms/{room}").json["participants"]) == 1)
    assert part.get(f"/rooms/{room}").json["sessions"] == 2 and "leave Ann" not in bob.cells["visits"]
    await bob.until(lambda: "leave Ann" in bob.cells["visits"])
    await asyncio.sleep(TTL / 2)
    assert bob.cells["visits"].count("leave Ann") == 1
    assert part.get(f"/rooms/{room}").json["sessions"] == 1


async def test_who_returns_in_time_neither_left_nor_joined(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    for _ in range(3):
        ann.drop()
        await ann.until(lambda: ann.closed)
        await asyncio.sleep(TTL / 4)
        await ann.enter()
        assert ann.joined["resumed"]
    await asyncio.sleep(TTL * 1.2)
    assert bob.cells["visits"] == ["join Ann", "join Bob"]
    assert part.get(f"/rooms/{room}").json["sessions"] == 2


async def test_presence_goes_with_the_socket(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    mine = f"mood@{ann.joined['session']}"
    await ann.post({"type": "set", "cell": mine, "value": "glad"})
    await bob.until(lambda: bob.cells.get(mine) == "glad")
    ann.drop()
    await bob.until(lambda: bob.cells.get(mine) in (None, ""))


async def test_a_secret_is_worth_nothing_once_its_session_has_ended(enter, part, room):
    ann = await enter("Ann")
    await ann.leave()
    again = Client(part.room(room), "Ann")
    again.resume, again.seq, again.epoch = ann.resume, ann.seq, ann.epoch
    await again.enter()
    assert again.joined["resumed"] is False and again.joined["session"] != ann.joined["session"]


async def test_two_hundred_that_vanish_leave_nothing(part, enter, room):
    watcher = await enter("Watcher")
    before = open_files(part)
    crowd = await asyncio.gather(*(enter(f"p{number}", state="none") for number in range(200)))
    assert part.get(f"/rooms/{room}").json["sessions"] == 201
    for person in crowd:
        person.drop()
    await eventually(lambda: part.get(f"/rooms/{room}").json["sessions"] == 1)
    await eventually(lambda: open_files(part) <= before + 2)
    await watcher.until(lambda: sum(cell.startswith("user@") for cell in watcher.cells) == 1)
    assert sum(visit.startswith("leave") for visit in watcher.cells["visits"]) == 200


async def test_an_upgrade_that_is_broken_off_leaves_nothing(part, enter):
    await enter("Ann")
    before = open_files(part)
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", part.port)
        writer.write(b"GET /rooms/x?recipe=plaza HTTP/1.1\r\nHost: hearth\r\nUpgrade: websocket\r\n")
        await writer.drain()
        writer.transport.abort()
    await eventually(lambda: open_files(part) <= before + 2)


async def test_a_question_to_somebody_who_leaves_ends_without_an_answer(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    asked = await ann.start("question", {"to": bob.joined["session"], "ms": 60_000})
    await bob.until(lambda: list(bob.of("ask")))
    await bob.leave()
    assert (await asyncio.wait_for(asked, 20)).get("result") is None and ann.cells["log"] == ["no answer"]


async def test_an_event_that_waits_ends_with_its_sender(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    waiting = await ann.start("slow", {"ms": 60_000, "text": "never"})
    await ann.until(lambda: part.get(f"/rooms/{room}").json["stats"]["waits"] == 1)
    await ann.leave()
    assert isinstance(waiting.exception(), Exception) and waiting.exception().code == "handler_failed"
    assert bob.cells["log"] == []


async def test_a_room_that_is_deleted_sends_everybody_away_with_a_reason(enter, part, room):
    ann = await enter("Ann")
    assert await asyncio.to_thread(lambda: part.delete(f"/rooms/{room}").status) in (200, 204)
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == 4410 and [bye["code"] for bye in ann.of("bye")] == [4410]
    assert part.get(f"/rooms/{room}").status == 404


async def test_every_close_is_one_line_of_the_log(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.leave()
    bob.drop()
    for person, code in ((ann, 1000), (bob, 1006)):
        lines = await eventually(lambda person=person: part.log_lines("socket closed", person.joined["trace"]))
        assert len(lines) == 1 and f"code={code}" in lines[0] and f"room={room}" in lines[0] and "cause=" in lines[0]
    assert Path(part.log_path).stat().st_size > 0
