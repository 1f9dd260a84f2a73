"""Connection: who comes in, as what, and who is turned away with which words."""

import asyncio
import json
import socket

import pytest
import websockets
from client import Client, Refused
from websockets.asyncio.client import connect


async def refusal(url: str, **options) -> tuple[int, dict, dict]:
    """How an upgrade was refused: status, error, headers."""
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(url, proxy=None, **options)
    response = refused.value.response
    return response.status_code, json.loads(response.body)["error"], response.headers


async def test_joined_tells_all_that_a_client_needs(enter, room):
    ann = await enter("Ann")
    joined = ann.joined
    assert joined["protocol"] == "hearth.v1" and joined["room"] == room
    assert joined["recipe"]["name"] == "plaza" and joined["recipe"]["version"] == 1 and joined["recipe"]["hash"]
    assert joined["you"]["name"] == "Ann" and joined["resumed"] is False and joined["last_event"] == 0
    assert all(joined[field] for field in ("session", "resume", "epoch", "trace"))
    assert joined["cells"]["count"] == 0 and joined["cells"][f"user@{joined['session']}"] == {"name": "Guest"}


async def test_the_subprotocol_is_echoed_when_it_is_offered(part, room):
    async with connect(part.room(room, "plaza"), subprotocols=["else.v7", "hearth.v1"], proxy=None) as link:
        assert link.subprotocol == "hearth.v1"


async def test_the_subprotocol_is_optional(part, room):
    async with connect(part.room(room, "plaza"), proxy=None) as link:
        assert link.subprotocol is None
        await link.send('{"type":"join"}')
        assert json.loads(await link.recv())["type"] == "joined"


async def test_a_room_is_made_by_whoever_names_its_recipe(enter, part, room):
    assert part.get(f"/rooms/{room}").status == 404
    await enter("Ann")
    assert part.get(f"/rooms/{room}").json["recipe"]["name"] == "plaza"


async def test_an_unknown_room_is_refused_and_named(part, room):
    status, error, _ = await refusal(part.room(room))
    assert status == 404 and error["code"] == "room_not_found" and room in error["message"]


async def test_an_unknown_recipe_is_refused_and_named(part, room):
    status, error, _ = await refusal(part.room(room, "no-such"))
    assert status == 404 and error["code"] == "recipe_not_found" and "no-such" in error["message"]


async def test_a_page_from_elsewhere_is_refused(part, room):
    status, error, _ = await refusal(part.room(room, "plaza"), origin="https://elsewhere.example")
    assert status == 403 and error["code"] == "origin_not_allowed" and "elsewhere.example" in error["message"]


def test_another_version_of_websocket_is_refused_with_the_right_one(part, room):
    with socket.create_connection(("127.0.0.1", part.port), timeout=10) as link:
        link.sendall(
            f"GET /rooms/{room}?recipe=plaza HTTP/1.1\r\nHost: hearth\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        head = link.recv(65_536).decode().lower()
    assert head.split()[1] in ("400", "426") and "sec-websocket-version: 13" in head


async def test_a_room_is_a_url(enter, part, room):
    ann = await enter("Ann")
    await ann.send("add", {"by": 3})
    shown = part.get(f"/rooms/{room}").json
    assert shown["id"] == room and shown["seq"] == ann.seq and shown["epoch"] == ann.epoch
    assert [person["name"] for person in shown["participants"]] == ["Ann"] and shown["cells"]["count"] == 3


async def test_who_asks_for_no_state_gets_none(enter):
    ann = await enter("Ann", state="none")
    assert ann.joined["cells"] == {}
    await ann.send("add", {"by": 1})
    assert [commit["patch"] for commit in ann.of("commit")][-1] == []


async def test_who_asks_for_some_cells_gets_these_and_what_they_link_to(enter):
    ann = await enter("Ann")
    await ann.send("introduce", {"said": "hello"})
    bob = await enter("Bob", state=["people"])
    assert set(bob.joined["cells"]) == {"people", f"user@{ann.joined['session']}"}
    await ann.send("rename", {"name": "Anna"})
    await ann.send("say", {"text": "not for Bob"})
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.look(bob.cells["people"][0]["who"]) == {"name": "Anna"} and "log" not in bob.cells


async def test_frames_hold_one_message_unless_a_batch_was_asked_for(enter):
    plain, batched = await enter("Ann", batch=False), await enter("Bob")
    frames = []
    read = plain.socket.recv

    async def events():
        for number in range(50):
            await batched.start("add", {"by": number})

    plain.reader.cancel()
    await asyncio.gather(plain.reader, return_exceptions=True)
    await events()
    while len(frames) < 50:
        message = json.loads(await read())
        assert isinstance(message, dict)
        frames.append(message) if message["type"] == "commit" else None
    await batched.until(lambda: not batched.waiting)


async def test_a_second_socket_of_a_session_replaces_the_first(enter, part, room):
    first = await enter("Ann")
    second = Client(part.room(room), "Ann")
    second.resume, second.seq, second.epoch = first.resume, first.seq, first.epoch
    await second.enter()
    await first.until(lambda: first.closed)
    assert first.closed[0] == 4409 and [bye["code"] for bye in first.of("bye")] == [4409]
    assert second.joined["resumed"] and second.joined["session"] == first.joined["session"]
    assert len(part.get(f"/rooms/{room}").json["participants"]) == 1


async def test_a_secret_of_nobody_makes_a_new_session(part, room, enter):
    await enter("Ann")
    bob = Client(part.room(room), "Bob")
    bob.resume, bob.seq, bob.epoch = "no-such-secret", 0, "no-such-epoch"
    await bob.enter()
    assert bob.joined["resumed"] is False and bob.joined["resume"] != "no-such-secret"


async def test_leaving_ends_with_a_farewell_and_1000(enter):
    ann = await enter("Ann")
    await ann.leave()
    assert ann.closed[0] == 1000 and [bye["code"] for bye in ann.of("bye")] == [1000]


async def test_a_second_join_is_an_error_and_changes_nothing(enter):
    ann = await enter("Ann")
    await ann.post({"type": "join", "name": "Bob"})
    await ann.until(lambda: list(ann.of("error")))
    assert next(ann.of("error"))["code"] == "bad_message"
    assert (await ann.send("add", {"by": 1}))["seq"] == ann.seq


async def test_an_event_before_join_is_an_error(part, room):
    async with connect(part.room(room, "plaza"), proxy=None) as link:
        await link.send(json.dumps({"type": "event", "id": 1, "name": "nothing"}))
        error = json.loads(await link.recv())
        assert error["type"] == "error" and error["code"] == "bad_message" and "join" in error["message"]


async def test_rooms_do_not_hear_each_other(enter, room):
    here, there = await enter("Ann"), await enter("Ann", at=room + "-2")
    await here.send("say", {"text": "here"})
    await there.send("say", {"text": "there"})
    assert here.cells["log"] == ["here"] and there.cells["log"] == ["there"]
    assert here.joined["session"] != there.joined["session"]


async def test_a_join_of_the_wrong_shape_names_the_field(part, room):
    client = Client(part.room(room, "plaza"), name=7)
    with pytest.raises(Refused) as refused:
        await client.enter()
    assert refused.value.code == "bad_message" and "name" in str(refused.value)
