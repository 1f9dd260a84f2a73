"""A message to many goes out in shares, and what is said meanwhile runs between two of them: the order stays."""

import asyncio
import signal

from client import Client


def test_members_who_come_and_go_see_every_message_in_order(serve, run):
    server = serve()
    url = server.room("crowd", "chat")

    async def scenario():
        members = [await Client(url, f"m{n}", batch=n % 2 == 0).enter() for n in range(90)]
        for member in members:
            member.keep_received = False
        first, second = members[:2]

        async def talk(member, count):
            # One message at a time: each next one meets the room while the one before is still being told.
            for n in range(count):
                await member.send("send", {"text": f"{member.join['name']} {n}"})

        async def come_and_go():
            late = []
            for n in range(15):
                members[20 + n].drop()
                late.append(await Client(url, f"late{n}").enter())
                await members[40 + n].leave()
            for n in range(15):
                await members[20 + n].until(lambda: members[20 + n].closed)
                await members[20 + n].enter()
            return late

        _, _, late = await asyncio.gather(talk(first, 60), talk(second, 60), come_and_go())
        present = [member for member in members if not member.closed] + late
        assert len(present) == 90
        for member in present:
            await member.until(lambda: member.seq == first.seq)
            # `take` has compared every `seq` with the one before.
            assert member.fault is None and member.cells["messages"] == first.cells["messages"]
        assert len(first.cells["messages"]) == 120

        server.process.send_signal(signal.SIGTERM)
        for member in present:
            await member.until(lambda: member.closed)
            assert member.closed[0] == 1012, member.closed

    run(scenario())
    assert server.process.wait(10) == 0
