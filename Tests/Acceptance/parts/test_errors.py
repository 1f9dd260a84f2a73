"""Errors: each says what was wrong and where, and the room and the socket go on."""

import asyncio
import json

import pytest
from client import Refused
from websockets.asyncio.client import connect


async def wrong(client, message) -> dict:
    """The error that a raw message brings."""
    seen = len(list(client.of("error")))
    await client.socket.send(message if isinstance(message, str) else json.dumps(message))
    await client.until(lambda: len(list(client.of("error"))) > seen)
    return list(client.of("error"))[-1]


async def still_works(client) -> None:
    assert (await client.send("add", {"by": 1}))["seq"] == client.seq


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("hello", "JSON"), ("[1]", "object"), ("{}", "type"), ({"type": "shove"}, "shove"),
        ({"type": "event", "id": "one", "name": "nothing"}, "id"), ({"type": "event", "id": 1, "name": 7}, "name"),
        ({"type": "event", "id": 1}, "name"), ({"type": "set", "value": 1}, "cell"), ({"type": "answer"}, "ask"),
    ],
    ids=["no-json", "no-object", "no-type", "unknown-type", "wrong-id", "wrong-name", "no-name", "no-cell", "no-ask"])
async def test_a_message_that_makes_no_sense_is_named(enter, message, named):
    ann = await enter("Ann")
    error = await wrong(ann, message)
    assert error["code"] == "bad_message" and not error["retryable"] and named in error["message"]
    assert error["trace"] == ann.joined["trace"]


async def test_an_unknown_event_is_named(enter):
    ann = await enter("Ann")
    with pytest.raises(Refused) as refused:
        await ann.send("ad", {"by": 1})
    assert refused.value.code == "unknown_event" and "ad" in str(refused.value)
    await still_works(ann)


async def test_data_that_do_not_fit_name_the_path_and_the_rule(enter):
    ann = await enter("Ann")
    with pytest.raises(Refused) as refused:
        await ann.send("add", {"by": "three"})
    assert refused.value.code == "invalid_data" and "by" in json.dumps(refused.value.message)
    assert "integer" in str(refused.value)
    await still_works(ann)


@pytest.mark.parametrize("link", ["nowhere#", "diary@somebody#", "no#no"])
async def test_a_link_that_leads_nowhere_is_refused(enter, link):
    ann = await enter("Ann")
    with pytest.raises(Refused) as refused:
        await ann.send("point", {"at": {"$ref": link}})
    assert refused.value.code in ("invalid_link", "invalid_data")
    await still_works(ann)


async def test_a_link_to_what_only_another_may_see_is_refused(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await bob.send("confess", {"text": "secret"})
    with pytest.raises(Refused, match="invalid_link"):
        await ann.send("point", {"at": {"$ref": f"diary@{bob.joined['session']}#"}})


async def test_a_handler_that_fails_says_where_and_leaves_nothing(enter):
    ann = await enter("Ann")
    with pytest.raises(Refused) as refused:
        await ann.send("boast")
    details = refused.value.details
    assert refused.value.code == "handler_failed" and "failed on purpose" in str(refused.value)
    assert details["recipe"] == "plaza" and details["handler"] == "boast" and details["line"] > 1
    assert ann.cells["log"] == []
    await still_works(ann)


async def test_a_handler_without_end_is_ended(enter):
    ann = await enter("Ann")
    with pytest.raises(Refused) as refused:
        await ann.send("endless")
    assert refused.value.code == "budget_exceeded" and refused.value.details["kind"] in ("instructions", "time")
    await still_works(ann)


async def test_an_event_out_of_order_is_refused_and_the_right_one_taken(enter):
    ann = await enter("Ann")
    error = await wrong(ann, {"type": "event", "id": 5, "name": "nothing"})
    assert error["code"] == "out_of_order" and error["id"] == 5 and error["details"]["expected"] == 1
    await still_works(ann)


async def test_an_answer_that_nobody_waits_for_is_an_error(enter):
    ann = await enter("Ann")
    error = await wrong(ann, {"type": "answer", "ask": "no-such", "data": 1})
    assert error["code"] == "unknown_ask"
    await still_works(ann)


async def test_a_stale_strict_event_is_a_conflict_with_both_values(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    basis = ann.seq
    await bob.send("rename", {"name": "Robert"})
    await bob.send("say", {"text": "first"})
    with pytest.raises(Refused) as refused:
        await ann.send("say", {"text": "second"}, basis=basis, strict=True)
    details = refused.value.details
    assert refused.value.code == "conflict" and refused.value.retryable
    assert details["cell"] == "log" and details["by"]["event"] == "say"
    assert details["by"]["participant"] == bob.joined["session"]


async def test_an_error_uses_up_its_id(enter):
    ann = await enter("Ann")
    with pytest.raises(Refused):
        await ann.send("boast")
    again = await wrong(ann, {"type": "event", "id": 1, "name": "add", "data": {"by": 1}})
    assert again["code"] == "handler_failed" and again["id"] == 1 and ann.cells["count"] == 0
    await still_works(ann)


@pytest.mark.parametrize(
    ("frames", "code"), [([b"\x00\x01"], 1003), (["x" * ((1 << 20) + 1)], 1009), (["?"] * 12, 4400)],
    ids=["binary", "too-large", "too-many-bad"])
async def test_what_cannot_go_on_is_closed_with_its_code_and_logged(part, room, enter, frames, code):
    ann = await enter("Ann")
    for frame in frames:
        try:
            await ann.socket.send(frame)
        except Exception:  # it may be closed by now
            break
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == code and ann.closed[1]
    async with asyncio.timeout(5):
        while not part.log_lines("socket closed", f"room={room}", f"code={code}"):
            await asyncio.sleep(0.02)


async def test_others_do_not_notice(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await wrong(ann, "nonsense")
    with pytest.raises(Refused):
        await ann.send("boast")
    await ann.socket.send(b"binary")
    await ann.until(lambda: ann.closed)
    await still_works(bob)
    assert not list(bob.of("error")) and bob.closed is None


async def test_an_error_before_join_reaches_its_sender(part, room):
    async with connect(part.room(room, "plaza"), proxy=None) as link:
        await link.send("{")
        error = json.loads(await link.recv())
        assert error["type"] == "error" and error["code"] == "bad_message"
        await link.send('{"type":"join"}')
        assert json.loads(await link.recv())["type"] == "joined"
