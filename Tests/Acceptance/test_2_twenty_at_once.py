"""A handler that pushes 20 linked messages per event, two clients alternating 50 events: 1,000 messages, none lost,
doubled or without an author."""

import asyncio
from collections import Counter

from client import Client
from server import TEST_RECIPES

EVENTS = 50


def test_a_thousand_linked_messages_from_fifty_events(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def scenario():
        ann = await Client(server.room("hall", "twenty"), "Ann").enter()
        bob = await Client(server.room("hall", "twenty"), "Bob").enter()
        answers = [await (ann, bob)[event % 2].start("burst", {"event": event}) for event in range(EVENTS)]
        acks = await asyncio.gather(*answers)
        head = max(ack["seq"] for ack in acks)
        assert len({ack["seq"] for ack in acks}) == EVENTS

        for reader in (ann, bob, await Client(server.room("hall"), "Cleo").enter()):
            await reader.until(lambda reader=reader: reader.seq >= head)
            messages = reader.cells["messages"]
            counted = Counter((message["event"], message["number"]) for message in messages)
            assert counted == Counter((event, number) for event in range(EVENTS) for number in range(1, 21))
            for message in messages:
                assert reader.look(message["author"])["name"] == ("Ann", "Bob")[message["event"] % 2]
            # One event is one commit: its twenty stand together, in order.
            assert [message["number"] for message in messages] == list(range(1, 21)) * EVENTS

        assert server.cells("hall")["messages"] == ann.cells["messages"] == bob.cells["messages"]

    run(scenario())
