"""A raw JSON socket, as PartySocket clients open them."""

import asyncio
import json
from urllib.parse import quote, urlencode

import websockets
from websockets.asyncio.client import connect


class Party:
    def __init__(self, server, room: str, pk: str | None = None, party: str = "collaboration", **query):
        asked = {**query, "_pk": pk} if pk is not None else query
        self.url = f"ws://127.0.0.1:{server.port}/parties/{quote(party, safe='')}/{quote(room, safe='')}"
        self.url += f"?{urlencode(asked)}" if asked else ""
        self.heard: list[dict] = []
        self.closed: tuple[int, str] | None = None
        self.news = asyncio.Event()

    async def open(self, **options) -> "Party":
        self.closed = None
        self.socket = await connect(self.url, max_size=None, ping_interval=None, proxy=None, **options)
        self.reader = asyncio.create_task(self.read(self.socket))
        return self

    async def read(self, socket) -> None:
        try:
            async for frame in socket:
                self.heard.append(json.loads(frame))
                self.news.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            if socket is self.socket:
                self.closed = (socket.close_code, socket.close_reason)
                self.news.set()

    async def say(self, message: dict | str) -> None:
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def until(self, true, seconds: float = 10):
        async with asyncio.timeout(seconds):
            while not (found := true()):
                self.news.clear()
                await self.news.wait()
        return found

    def of(self, type: str) -> list[dict]:
        return [message for message in self.heard if message["type"] == type]

    async def sync(self) -> dict:
        """What `sync_request` brings. All that was said before has been heard by then."""
        before = len(self.of("sync_response"))
        await self.say({"type": "sync_request"})
        return (await self.until(lambda: self.of("sync_response")[before:]))[0]

    async def join(self, user: str, name: str) -> "Party":
        await self.say({"type": "user_joined", "userId": user, "userName": name})
        return self

    async def select(self, field: str, value, user: str, timestamp: int = 1) -> dict:
        selection = {"field": field, "value": value, "userId": user, "timestamp": timestamp}
        await self.say({"type": "field_selected", "selection": selection})
        return selection

    def drop(self) -> None:
        self.socket.transport.abort()

    async def close(self) -> None:
        await self.socket.close()
