"""A room that never rests, and a client that never stops, harm nobody but themselves."""

import signal
import time

from client import Client
from server import TEST_RECIPES


def test_a_server_stops_while_timers_are_always_due(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def arm():
        client = await Client(server.room("busy", "restless")).enter()
        await client.send("again", {"doublings": 6, "spin": 100})
        await client.until(lambda: client.cells["runs"] > 200)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        await client.until(lambda: client.closed)
        assert client.closed[0] == 1012 and any(client.of("bye"))
        return began

    began = run(arm())
    assert server.process.wait(10) == 0 and time.monotonic() - began < 5
    assert not server.log_lines("error"), server.tail()

    runs = server.start().cells("busy")["runs"]
    until = time.monotonic() + 10
    while server.cells("busy")["runs"] == runs:
        assert time.monotonic() < until, "the timers are gone"
