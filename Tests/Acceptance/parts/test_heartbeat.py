"""Heartbeat: who is silent is let go, who answers is not, and a ghost is nobody's neighbour for long."""

import asyncio
import json
import time

from client import Client
from websockets.asyncio.client import connect

ARGUMENTS = ("--heartbeat", "1", "--heartbeat-timeout", "3")


class Mute(asyncio.Protocol):
    """Joins by hand and from then on says nothing, not even pong."""

    def __init__(self, room: str):
        self.room, self.seen, self.bye_at, self.gone = room, b"", None, asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(
            f"GET /rooms/{self.room}?recipe=plaza HTTP/1.1\r\nHost: hearth\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        message = b'{"type":"join","name":"Mute"}'
        transport.write(bytes([0x81, 0x80 | len(message)]) + bytes(4) + message)

    def data_received(self, data):
        self.seen += data
        if (4408).to_bytes(2) in self.seen and self.bye_at is None:
            self.bye_at = time.monotonic()
            self.transport.abort()

    def connection_lost(self, _):
        if not self.gone.done():
            self.gone.set_result(time.monotonic())


async def mute(part, room: str) -> Mute:
    _, protocol = await asyncio.get_running_loop().create_connection(lambda: Mute(room), "127.0.0.1", part.port)
    async with asyncio.timeout(10):
        while b'"joined"' not in protocol.seen:
            await asyncio.sleep(0.01)
    return protocol


async def test_the_server_pings(part, room):
    ghost = await mute(part, room)
    await ghost.gone
    assert ghost.seen.count(b"\x89\x00") >= 2, "a ping a second, without a payload"


async def test_who_is_silent_is_closed_in_time_with_4408_and_a_farewell(part, room):
    began = time.monotonic()
    ghost = await mute(part, room)
    await ghost.gone
    assert 2.5 < ghost.bye_at - began < 6
    assert b'"bye"' in ghost.seen and b"4408" in ghost.seen and (4408).to_bytes(2) + b"heartbeat" in ghost.seen


async def test_a_close_for_silence_stands_in_the_log(part, room):
    ghost = await mute(part, room)
    await ghost.gone
    async with asyncio.timeout(5):
        while not part.log_lines("socket closed", f"room={room}", "code=4408"):
            await asyncio.sleep(0.02)


async def test_who_answers_pings_stays_without_saying_anything(enter):
    ann = await enter("Ann")
    await asyncio.sleep(5)
    assert ann.closed is None
    await ann.send("add", {"by": 1})


async def test_any_message_is_a_sign_of_life(part, room):
    ghost = await mute(part, room)
    ping = b'{"type":"ping"}'
    for _ in range(5):
        await asyncio.sleep(1)
        ghost.transport.write(bytes([0x81, 0x80 | len(ping)]) + bytes(4) + ping)
    async with asyncio.timeout(10):
        while ghost.seen.count(b'"pong"') < 5:
            await asyncio.sleep(0.02)
    assert not ghost.gone.done()
    ghost.transport.abort()


async def test_ping_is_answered_with_what_it_held_and_the_time(enter):
    ann = await enter("Ann")
    await ann.post({"type": "ping", "at": 12345})
    await ann.until(lambda: list(ann.of("pong")))
    pong = next(ann.of("pong"))
    assert pong["at"] == 12345 and abs(pong["now"] - time.time() * 1000) < 5_000


async def test_a_websocket_ping_is_answered_in_kind(part, room):
    async with connect(part.room(room, "plaza"), proxy=None, ping_interval=None) as link:
        assert await asyncio.wait_for(await link.ping(b"anybody?"), 5) >= 0


async def test_a_ghost_is_nobodys_neighbour_once_it_is_found_out(part, room, enter):
    ghost = await mute(part, room)
    bob = await enter("Bob")
    assert len(part.get(f"/rooms/{room}").json["participants"]) == 2
    await ghost.gone
    await bob.post({"type": "sync_request"})
    await bob.until(lambda: list(bob.of("sync_response")))
    assert [person["name"] for person in next(bob.of("sync_response"))["participants"]] == ["Bob"]


async def test_a_ghost_may_come_back_as_who_it_was(part, room):
    ghost = await mute(part, room)
    start = ghost.seen.index(b'{"type":"joined"') if b'{"type":"joined"' in ghost.seen else ghost.seen.index(b'{"')
    joined = json.JSONDecoder().raw_decode(ghost.seen[start:].decode(errors="replace"))[0]
    await ghost.gone
    again = Client(part.room(room), "Mute")
    again.resume, again.seq, again.epoch = joined["resume"], joined["seq"], joined["epoch"]
    await again.enter()
    assert again.joined["resumed"] and again.joined["session"] == joined["session"]
