"""Nothing fails in silence: each refusal has its own error and close code, and one log line with the reason."""

import asyncio
import contextlib
import json

import pytest
import websockets
from client import Client, Refused
from server import TEST_RECIPES
from websockets.asyncio.client import connect


@pytest.fixture
def server(serve):
    return serve(recipes=TEST_RECIPES)


def logged_once(server, room: str, reason: str) -> None:
    lines = server.log_lines(room, reason)
    assert len(lines) == 1, f"{len(lines)} log lines with {room} and {reason}:\n" + "\n".join(lines or [server.tail()])


async def refusal(url: str) -> tuple[int, dict]:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(url, proxy=None)
    return refused.value.response.status_code, json.loads(refused.value.response.body)["error"]


async def raw(url: str):
    return await connect(url, subprotocols=["hearth.v1"], max_size=None, proxy=None)


async def heard(socket, type: str, seconds: float = 15) -> dict:
    async with asyncio.timeout(seconds):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == type:
                return message


async def end(socket, seconds: float = 15) -> tuple[list[dict], int, str]:
    """What came before the close, and the close."""
    messages = []
    async with asyncio.timeout(seconds):
        try:
            while True:
                messages.append(json.loads(await socket.recv()))
        except websockets.ConnectionClosed:
            return messages, socket.close_code, socket.close_reason


def test_a_token_of_the_wrong_shape(server, run):
    async def scenario():
        socket = await raw(server.room("shape", "faulty"))
        await socket.send(json.dumps({"type": "join", "token": 17}))
        error = await heard(socket, "error")
        assert error["code"] == "bad_message" and not error["retryable"] and "token" in error["message"]
        await socket.close()

    run(scenario())
    logged_once(server, "shape", "bad_message")


def test_an_unknown_room(server, run):
    status, error = run(refusal(server.room("nowhere")))
    assert (status, error["code"]) == (404, "room_not_found") and "nowhere" in error["message"]
    logged_once(server, "nowhere", "room_not_found")


def test_an_unknown_recipe(server, run):
    status, error = run(refusal(server.room("kitchen", "nosuch")))
    assert (status, error["code"]) == (404, "recipe_not_found") and "nosuch" in error["message"]
    logged_once(server, "kitchen", "recipe_not_found")


def test_what_is_not_json_is_an_error_and_too_much_of_it_the_end(server, run):
    async def scenario():
        socket = await raw(server.room("babel", "faulty"))
        await socket.send(json.dumps({"type": "join"}))
        await heard(socket, "joined")
        await socket.send("{nope")
        error = await heard(socket, "error")
        assert error["code"] == "bad_message" and not error["retryable"]
        await socket.send(json.dumps({"type": "ping", "at": 1}))
        assert (await heard(socket, "pong"))["at"] == 1
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(12):
                await socket.send("[1,")
        messages, code, reason = await end(socket)
        assert code == 4400 and reason
        assert {message["type"] for message in messages} <= {"error", "bye"}

    run(scenario())
    logged_once(server, "babel", "4400")


def test_a_frame_that_is_too_large(server, run):
    async def scenario():
        socket = await raw(server.room("large", "faulty"))
        await socket.send(json.dumps({"type": "join"}))
        await heard(socket, "joined")
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.send(json.dumps({"type": "event", "id": 1, "name": "fine", "data": "x" * (1 << 20)}))
        messages, code, reason = await end(socket)
        assert code == 1009 and reason
        assert messages and messages[-1]["type"] in ("bye", "error")

    run(scenario())
    logged_once(server, "large", "1009")


def test_a_binary_frame(server, run):
    async def scenario():
        socket = await raw(server.room("binary", "faulty"))
        await socket.send(b"\x00")
        messages, code, reason = await end(socket)
        assert code == 1003 and reason and messages[-1]["type"] in ("bye", "error")

    run(scenario())
    logged_once(server, "binary", "1003")


def test_a_socket_that_does_not_join(server, run):
    async def scenario():
        socket = await raw(server.room("mute", "faulty"))
        messages, code, reason = await end(socket, 20)
        assert code == 4408 and reason and messages[-1]["type"] in ("bye", "error")

    run(scenario())
    logged_once(server, "mute", "4408")


def failing(server, run, room: str, name: str, data=None) -> Refused:
    """What an event that fails is answered with. It has changed nothing, and the socket goes on."""

    async def scenario():
        client = await Client(server.room(room, "faulty")).enter()
        with pytest.raises(Refused) as refused:
            await client.send(name, data)
        assert (await client.send("fine"))["seq"] == client.seq
        assert client.cells["count"] == 1 and client.closed is None
        await client.leave()
        assert client.closed[0] == 1000
        return refused.value

    return run(scenario())


def test_a_handler_that_fails(server, run):
    refused = failing(server, run, "broken-room", "broken")
    assert refused.code == "handler_failed" and not refused.retryable
    assert refused.details["recipe"] == "faulty" and refused.details["handler"] == "broken"
    line = (TEST_RECIPES / "faulty" / "recipe.lua").read_text().splitlines()[refused.details["line"] - 1]
    assert 'error("broken on purpose")' in line
    assert "broken on purpose" in refused.message["message"]
    logged_once(server, "broken-room", "handler_failed")


def test_a_handler_that_fails_in_a_recipe_of_one_file(serve, run, tmp_path):
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "single.lua").write_text(
        'return recipe { name = "single", version = 1, handlers = {\n  broken = function() error("on purpose") end,\n} }\n')
    server = serve(recipes=recipes)

    async def scenario():
        client = await Client(server.room("r", "single")).enter()
        with pytest.raises(Refused) as refused:
            await client.send("broken")
        assert (refused.value.details["file"], refused.value.details["line"]) == ("single.lua", 2)
        assert "single.lua:2: on purpose" in refused.value.message["message"]

    run(scenario())


def test_a_handler_without_end(server, run):
    refused = failing(server, run, "endless-room", "endless")
    assert refused.code == "budget_exceeded" and refused.details["kind"] in ("instructions", "time")
    logged_once(server, "endless-room", "budget_exceeded")


def test_data_that_does_not_fit(server, run):
    refused = failing(server, run, "picky-room", "picky", {"size": 0})
    assert refused.code == "invalid_data" and "size" in refused.message["message"]
    logged_once(server, "picky-room", "invalid_data")


def test_an_event_that_there_is_not(server, run):
    refused = failing(server, run, "unknown-room", "nosuch")
    assert refused.code == "unknown_event" and "nosuch" in refused.message["message"]
    logged_once(server, "unknown-room", "unknown_event")


def test_an_id_out_of_order(server, run):
    async def scenario():
        client = await Client(server.room("order", "faulty")).enter()
        await client.send("fine")
        await client.post({"type": "event", "id": 7, "name": "fine"})
        await client.until(lambda: list(client.of("error")))
        error = next(client.of("error"))
        assert (error["code"], error["id"], error["retryable"]) == ("out_of_order", 7, False)
        await client.send("fine")
        assert client.cells["count"] == 2 and client.closed is None

    run(scenario())
    logged_once(server, "order", "out_of_order")


def test_an_event_that_comes_too_often_is_an_error_and_too_much_of_it_the_end(server, run):
    async def scenario():
        socket = await raw(server.room("hasty", "restless"))
        await socket.send(json.dumps({"type": "join"}))
        await heard(socket, "joined")
        with contextlib.suppress(websockets.ConnectionClosed):
            for id in range(1, 121):
                await socket.send(json.dumps({"type": "event", "id": id, "name": "rarely"}))
        messages, code, reason = await end(socket)
        assert code == 4429 and reason
        errors = [message for message in messages if message["type"] == "error"]
        assert [error["id"] for error in errors][:100] == list(range(2, 102))
        assert {error["code"] for error in errors} == {"rate_limited"}
        assert all(error["retryable"] and error["details"]["retry_after_ms"] > 0 for error in errors)
        assert messages[-1]["type"] == "bye" and messages[-1]["code"] == 4429

    run(scenario())
    logged_once(server, "hasty", "4429")


def test_bad_events_count_as_bad_messages(server, run):
    async def scenario():
        socket = await raw(server.room("muddle", "faulty"))
        await socket.send(json.dumps({"type": "join"}))
        await heard(socket, "joined")
        with contextlib.suppress(websockets.ConnectionClosed):
            for id in range(1, 13):
                await socket.send(json.dumps({"type": "event", "id": id, "name": 5}))
        messages, code, reason = await end(socket)
        assert code == 4400 and reason
        assert [message["id"] for message in messages if message["type"] == "error"][:10] == list(range(1, 11))
        assert messages[-1]["type"] == "bye" and messages[-1]["code"] == 4400

    run(scenario())
    logged_once(server, "muddle", "4400")


def test_a_thousand_errors_are_answered_but_do_not_fill_the_log(server, run):
    async def scenario():
        client = await Client(server.room("flood", "faulty")).enter()
        answers = [await client.start("nosuch") for _ in range(1_000)]
        for answer in answers:
            with pytest.raises(Refused):
                await asyncio.wait_for(answer, 20)
        for _ in range(1_000):
            await client.post({"type": "set", "cell": "pointer", "value": {"$ref": 5}})
        await client.until(lambda: sum(error["code"] == "invalid_link" for error in client.of("error")) == 1_000)
        assert client.closed is None
        await asyncio.sleep(0.2)
        with pytest.raises(Refused):
            await client.send("nosuch")

    run(scenario())
    assert 100 <= len(server.log_lines("flood", "event refused")) < 400
    assert 100 <= len(server.log_lines("flood", "message refused")) < 400
    assert server.log_lines("flood", "event refused", "left_out=")
