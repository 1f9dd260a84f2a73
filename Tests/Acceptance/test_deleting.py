"""A deleted room is gone at once, however large; what it leaves on the disk goes bit by bit."""

import asyncio
import sqlite3
import time

from client import Client
from server import RECIPES


def facts(server) -> int:
    database = sqlite3.connect(f"file:{server.database()}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM facts").fetchone()[0]
    finally:
        database.close()


def test_what_it_leaves_is_removed_and_by_the_next_server_if_need_be(serve, run):
    server = serve(recipes=RECIPES)

    async def fill():
        client = await Client(server.room("large", "chat"), state="none").enter()
        client.keep_received = False
        for _ in range(80):
            await asyncio.gather(*[await client.start("send", {"text": "said"}) for _ in range(100)])

    run(fill(), 60)
    assert facts(server) > 8_000
    assert server.delete("/rooms/large").status in (200, 204)
    server.kill()
    assert facts(server) > 1_000
    server.start()
    assert server.get("/rooms/large").status == 404
    assert server.get("/rooms").json["rooms"] == []

    async def again():
        # Its name is free meanwhile.
        client = await Client(server.room("large", "chat")).enter()
        await client.send("send", {"text": "anew"})
        assert [message["text"] for message in client.cells["messages"]] == ["anew"]

    run(again())
    until = time.monotonic() + 30
    while facts(server) > 100:
        assert time.monotonic() < until, facts(server)
        time.sleep(0.05)
    assert len(server.cells("large")["messages"]) == 1
    server.stop()
    assert server.run("verify", "--data", str(server.data)).returncode == 0
