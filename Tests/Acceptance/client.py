"""A `hearth.v1` client written from the protocol page alone, on PyPI `websockets`. It keeps a replica and checks every
guarantee that it can see: commits without a gap, each event answered once, the ack after its commit."""

import asyncio
import json
from collections.abc import Iterator

import websockets
from websockets.asyncio.client import connect

ANSWER_SECONDS = 20


class Refused(Exception):
    """An `error` message."""

    def __init__(self, message: dict):
        super().__init__(f"{message['code']}: {message['message']}")
        self.code = message["code"]
        self.retryable = message["retryable"]
        self.details = message.get("details") or {}
        self.message = message


def tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def child(parent, token: str):
    return parent[int(token)] if isinstance(parent, list) else parent[token]


def apply_patch(root: dict, patch: list[dict]) -> None:
    """RFC 6902 `add`, `remove` and `replace`; raises when one does not fit."""
    for operation in patch:
        *path, last = tokens(operation["path"])
        parent = root
        for token in path:
            parent = child(parent, token)
        match operation["op"], isinstance(parent, list):
            case "add", True:
                index = len(parent) if last == "-" else int(last)
                assert index <= len(parent), operation
                parent.insert(index, operation["value"])
            case "add", False:
                parent[last] = operation["value"]
            case "replace", _:
                child(parent, last)
                parent[int(last) if isinstance(parent, list) else last] = operation["value"]
            case "remove", _:
                del parent[int(last) if isinstance(parent, list) else last]
            case _:
                raise AssertionError(f"unknown operation {operation}")


def resolve(cells: dict, value):
    """What a link stands for; other values as they are; None for a link that leads nowhere."""
    for _ in range(32):
        if not (isinstance(value, dict) and list(value) == ["$ref"]):
            return value
        cell, _, pointer = value["$ref"].partition("#")
        try:
            value = cells[cell]
            for token in tokens(pointer):
                value = child(resolve(cells, value), token)
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return None


class Client:
    def __init__(
            self, url: str, name: str | None = None, state: str | list[str] | None = None, batch: bool = True,
            token: str | None = None):
        self.url = url
        self.join = {"name": name, "state": state, "batch": batch or None, "token": token}
        self.cells: dict = {}
        self.seq = -1
        self.epoch: str | None = None
        self.joined: dict | None = None
        self.resume: str | None = None
        self.next_id = 1
        self.waiting: dict[int, tuple[dict, asyncio.Future]] = {}
        self.received: list[dict] = []
        self.keep_received = True
        self.closed: tuple[int, str] | None = None
        self.fault: BaseException | None = None
        self.socket = None
        self.reader: asyncio.Task | None = None
        self.news = asyncio.Event()

    # Connection

    async def enter(self) -> "Client":
        """Connects and joins, or joins again; then sends what is above `last_event` once more."""
        self.closed = None
        self.socket = await connect(
            self.url, subprotocols=["hearth.v1"], max_size=None, ping_interval=None, open_timeout=10, proxy=None)
        known = {"resume": self.resume, "since": self.seq, "epoch": self.epoch} if self.resume else {}
        await self.post({"type": "join", **self.join, **known})
        first = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
        messages = first if isinstance(first, list) else [first]
        if messages[0]["type"] != "joined":
            raise Refused(messages[0])
        self.take(messages[0])
        for message in messages[1:]:
            self.take(message)
        self.reader = asyncio.create_task(self.read(self.socket))
        for id in sorted(self.waiting):
            await self.post(self.waiting[id][0])
        return self

    async def read(self, socket) -> None:
        try:
            async for frame in socket:
                messages = json.loads(frame)
                for message in messages if isinstance(messages, list) else [messages]:
                    self.take(message)
                self.news.set()
        except websockets.ConnectionClosed:
            pass
        except asyncio.CancelledError:
            raise  # whoever waited for it gave up; the replica is as good as before
        except BaseException as fault:
            self.fault = fault
            raise
        finally:
            self.closed = (socket.close_code, socket.close_reason)
            self.news.set()

    def take(self, message: dict) -> None:
        if self.keep_received:
            self.received.append(message)
        match message["type"]:
            case "joined":
                self.joined = message
                self.resume = message["resume"]
                if "cells" in message:
                    self.snapshot(message)
                if message["resumed"]:
                    last = message["last_event"]
                    self.next_id = max(self.next_id, last + 1)
                else:
                    assert not self.waiting, "the session was lost with events under way"
                    self.next_id = 1
            case "commit":
                assert message["seq"] == self.seq + 1, f"commit {message['seq']} after {self.seq}"
                apply_patch(self.cells, message["patch"])
                self.seq = message["seq"]
            case "ephemeral":
                # Conflated: a cell may go that was never heard of.
                gone = [change for change in message["patch"] if change["op"] == "remove"]
                apply_patch(self.cells, [change for change in message["patch"] if change["op"] != "remove"])
                for change in gone:
                    self.cells.pop(tokens(change["path"])[0], None)
            case "sync_response":
                self.snapshot(message)
            case "ack" | "error" if message.get("id") in self.waiting:
                if message["type"] == "ack":
                    assert message["seq"] <= self.seq, f"ack {message} before its commit: at {self.seq}"
                _, answer = self.waiting.pop(message["id"])
                if not answer.done():
                    answer.set_result(message) if message["type"] == "ack" else answer.set_exception(Refused(message))

    def snapshot(self, message: dict) -> None:
        self.cells, self.seq, self.epoch = message["cells"], message["seq"], message["epoch"]

    async def post(self, message: dict) -> None:
        await self.socket.send(json.dumps({key: value for key, value in message.items() if value is not None}))

    def drop(self) -> None:
        """The socket goes without a close frame."""
        self.socket.transport.abort()

    async def close(self) -> None:
        """The socket is closed in good order; the session goes on without it."""
        await self.socket.close()

    async def leave(self) -> None:
        await self.post({"type": "leave"})
        await self.until(lambda: self.closed)

    # Events

    async def start(self, name: str, data=None, **more) -> asyncio.Future:
        """Sends an event; the future is its answer."""
        event = {"type": "event", "id": self.next_id, "name": name, "data": data, **more}
        answer = asyncio.get_running_loop().create_future()
        self.waiting[self.next_id] = (event, answer)
        self.next_id += 1
        try:
            await self.post(event)
        except websockets.ConnectionClosed:
            pass  # it is sent again with the next join
        return answer

    async def send(self, name: str, data=None, **more) -> dict:
        return await asyncio.wait_for(await self.start(name, data, **more), ANSWER_SECONDS)

    # What was heard

    async def until(self, true, seconds: float = ANSWER_SECONDS):
        """Waits for something that a message makes true."""
        async with asyncio.timeout(seconds):
            while not (found := true()):
                self.news.clear()
                if self.fault:
                    raise self.fault
                await self.news.wait()
        return found

    def of(self, type: str) -> Iterator[dict]:
        return (message for message in self.received if message["type"] == type)

    def look(self, value):
        return resolve(self.cells, value)
