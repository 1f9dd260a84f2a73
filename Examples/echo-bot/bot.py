"""A chat bot that speaks hearth.v1: answers every line that begins with "!echo"."""

import asyncio
import json
import sys

import websockets


class Bot:
    """One session in one chat room. Survives drops: it resumes where it was."""

    def __init__(self, url):
        self.url = url
        self.resume = None
        self.epoch = None
        self.seq = None
        self.seen = None
        self.session = None
        self.next_id = 1
        self.unanswered = {}

    async def run(self):
        async for socket in websockets.connect(self.url, subprotocols=["hearth.v1"]):
            try:
                await self.join(socket)
                async for frame in socket:
                    await self.receive(socket, json.loads(frame))
            except websockets.ConnectionClosed as closed:
                print(f"dropped ({closed}); coming back", file=sys.stderr)

    async def join(self, socket):
        message = {"type": "join", "name": "Echo", "state": ["recent", "count"]}
        if self.resume:
            message |= {"resume": self.resume, "epoch": self.epoch, "since": self.seq}
        await socket.send(json.dumps(message))

    async def receive(self, socket, message):
        kind = message["type"]
        if kind == "joined":
            await self.joined(socket, message)
        elif kind == "commit":
            self.seq = message["seq"]
            for text in said(message):
                self.seen += 1
                if message["by"] != self.session:
                    await self.answer(socket, text)
        elif kind in ("ack", "error"):
            self.unanswered.pop(message.get("id"), None)
            if kind == "error":
                print(f"{message['code']}: {message['message']}", file=sys.stderr)

    async def joined(self, socket, message):
        self.resume, self.epoch, self.session = message["resume"], message["epoch"], message["session"]
        self.next_id = max(self.next_id, message["last_event"] + 1)
        for event_id in sorted(self.unanswered):
            if event_id > message["last_event"]:
                await socket.send(self.unanswered[event_id])
        if "cells" in message:
            self.seq = message["seq"]
            await self.catch_up(socket, message["cells"])
        print(f"in {message['room']} as {self.session}", flush=True)

    async def catch_up(self, socket, cells):
        """The server sent everything anew: answer what came since the last line that was seen."""
        missed = 0 if self.seen is None else cells["count"] - self.seen
        self.seen = cells["count"]
        for line in cells["recent"][len(cells["recent"]) - missed:]:
            if line["author"]["$ref"] != f"user@{self.session}#":
                await self.answer(socket, line["text"])

    async def answer(self, socket, text):
        if not text.startswith("!echo "):
            return
        event = {"type": "event", "id": self.next_id, "name": "send", "data": {"text": text[6:]}}
        self.unanswered[self.next_id] = json.dumps(event)
        await socket.send(self.unanswered[self.next_id])
        self.next_id += 1


def said(commit):
    """The texts that a commit adds to the chat's history."""
    for operation in commit["patch"]:
        value = operation.get("value")
        if operation["path"].startswith("/recent/") and isinstance(value, dict) and "text" in value:
            yield value["text"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bot.py ws://HOST:PORT/rooms/ROOM")
    try:
        asyncio.run(Bot(sys.argv[1]).run())
    except KeyboardInterrupt:
        pass
