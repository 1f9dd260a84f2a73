"""Authentication: who one is and what one may do comes from the token alone, at the door, event by event and to its end."""

import asyncio
import atexit
import base64
import hashlib
import hmac
import json
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from client import Refused
from doors import bearer, closed, join
from party import Party
from tokens import Keys
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

FOLDER = Path(tempfile.mkdtemp(prefix="hearth-keys-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
KEYS = Keys("ES256", FOLDER)
OTHER = Keys("ES256", FOLDER, "other")
ARGUMENTS = (*KEYS.serve, "--auth-leeway", "0")


async def turned_away(opening) -> tuple[int, dict]:
    with pytest.raises(InvalidStatus) as caught:
        await opening
    return caught.value.response.status_code, json.loads(caught.value.response.body)["error"]


def ask(part, path: str, token: str | None = None, method="GET", body=None) -> tuple[int, dict]:
    fields = {"Content-Type": "application/json", **(bearer(token) if token else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(part.http + path, method=method, headers=fields, data=data), timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def forged(header: dict, sign=lambda text: b"") -> str:
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    claims = {"sub": "ann", "rooms": ["*"], "exp": int(time.time()) + 600}
    text = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(sign(text))).decode()


async def test_who_has_no_token_stays_out_and_learns_nothing(part, room):
    socket, answer = await join(part.room(room, "plaza"))
    assert (answer["type"], answer["code"]) == ("error", "unauthenticated") and answer["trace"]
    assert (await closed(socket))[0] == 4401
    assert ask(part, f"/rooms/{room}")[0] == 401
    assert ask(part, f"/rooms/{room}", KEYS.token())[0] == 404, "no room was made for nobody"


@pytest.mark.parametrize("way", ["header", "subprotocol", "join"])
async def test_a_token_is_taken_from(part, room, way):
    token = KEYS.token("ann")
    brought = {
        "header": {"headers": bearer(token)}, "subprotocol": {"subprotocols": ("hearth.v1", f"bearer.{token}")}, "join": {"token": token},
    }[way]
    socket, joined = await join(part.room(room, "plaza"), **brought)
    assert joined["type"] == "joined" and joined["you"]["id"] == "ann"
    assert socket.subprotocol == "hearth.v1", "the token is not echoed"
    await socket.close()
    assert token not in part.log()


@pytest.mark.parametrize(
    "make",
    [
        lambda: OTHER.token(), lambda: forged({"alg": "none"}), lambda: KEYS.token(ttl=-10), lambda: KEYS.token(nbf=time.time() + 60),
        lambda: forged({"alg": "HS256"}, lambda text: hmac.new(KEYS.public_pem, text, hashlib.sha256).digest()),
        lambda: KEYS.token()[:-6] + "AAAAAA", lambda: KEYS.token(sub=None),
    ],
    ids=["of-another-key", "without-signature", "that-has-expired", "of-tomorrow", "signed-with-the-public-key", "with-a-wrong-signature", "of-nobody"])
async def test_a_token_is_worth_nothing(part, room, make):
    token = make()
    status, error = await turned_away(connect(part.room(room, "plaza"), additional_headers=bearer(token), proxy=None))
    assert (status, error["code"]) == (401, "unauthenticated") and len(error["message"]) > 10
    socket, answer = await join(part.room(room, "plaza"), token=token)
    assert answer["code"] == "unauthenticated" and (await closed(socket))[0] == 4401


async def test_a_token_for_another_room_opens_no_door(part, room):
    token = KEYS.token(rooms=["elsewhere-*"])
    status, error = await turned_away(connect(part.room(room, "plaza"), additional_headers=bearer(token), proxy=None))
    assert (status, error["code"]) == (403, "forbidden") and room in error["message"]
    socket, answer = await join(part.room(room, "plaza"), token=token)
    assert answer["code"] == "forbidden" and (await closed(socket))[0] == 4403


async def test_the_token_says_who_one_is(enter):
    ann = await enter("Somebody Else", token=KEYS.token("ann", name="Ann", roles=["editor"]))
    assert ann.joined["you"] == {"id": "ann", "name": "Ann", "roles": ["editor"]}
    await ann.until(lambda: ann.cells["visits"] == ["join Ann"])


async def test_what_a_token_does_not_allow_is_refused_and_the_rest_runs(enter):
    ann = await enter(token=KEYS.token(rooms={"*": ["join", "send:add"]}))
    with pytest.raises(Refused) as refused:
        await ann.send("say", {"text": "no"})
    assert refused.value.code == "forbidden" and "send:say" in refused.value.message["message"]
    await ann.post({"type": "set", "cell": "mood", "value": "proud"})
    await ann.until(lambda: len(list(ann.of("error"))) == 2)
    assert list(ann.of("error"))[1]["code"] == "forbidden"
    assert (await ann.send("add", {"by": 1}))["id"] == 2
    assert ann.cells["log"] == [] and ann.cells["count"] == 1


async def test_a_right_that_is_taken_back_is_gone_with_the_next_event(enter):
    ann = await enter(token=KEYS.token())
    await ann.send("add", {"by": 1})
    await ann.post({"type": "auth", "token": KEYS.token(rooms={"*": ["join"]})})
    with pytest.raises(Refused) as refused:
        await ann.send("add", {"by": 1})
    assert refused.value.code == "forbidden"
    await ann.post({"type": "auth", "token": KEYS.token()})
    await ann.send("add", {"by": 1})
    assert ann.cells["count"] == 2
    await ann.post({"type": "auth", "token": KEYS.token(rooms=["elsewhere"])})
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == 4403


async def test_who_lets_the_token_run_out_is_warned_and_then_closed(enter):
    ann = await enter(token=KEYS.token(ttl=3))
    warning = await ann.until(lambda: next((error for error in ann.of("error") if error["code"] == "token_expiring"), None))
    assert 0 < warning["details"]["expires_in_ms"] <= 3_000 and warning["retryable"]
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == 4401 and list(ann.of("error"))[-1]["code"] == "unauthenticated"


async def test_a_fresh_token_in_time_keeps_the_session(enter):
    ann = await enter(token=KEYS.token(ttl=2))
    await ann.post({"type": "auth", "token": KEYS.token(ttl=60)})
    await ann.until(lambda: any("id" not in ack for ack in ann.of("ack")))
    await asyncio.sleep(2.5)
    assert not ann.closed and (await ann.send("add", {"by": 1}))["seq"]


async def test_a_fresh_token_of_somebody_else_ends_the_socket(enter):
    ann = await enter(token=KEYS.token("ann"))
    await ann.post({"type": "auth", "token": KEYS.token("eve")})
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == 4403


async def test_the_secret_of_a_session_is_worth_nothing_to_another_user(enter, part, room):
    ann = await enter(token=KEYS.token("ann"))
    known = {"resume": ann.resume, "since": ann.seq, "epoch": ann.epoch}
    thief, answer = await join(part.room(room, "plaza"), token=KEYS.token("eve"), **known)
    assert answer["code"] == "forbidden" and (await closed(thief))[0] == 4403
    assert not ann.closed, "and she does not notice"
    again, answer = await join(part.room(room, "plaza"), token=KEYS.token("ann"), **known)
    assert answer["resumed"] and answer["session"] == ann.joined["session"]
    await again.close()


async def test_http_asks_for_the_same_rights(part, room):
    admin, reader = KEYS.token(rooms={"*": "*"}), KEYS.token(rooms={room: ["join"]})
    assert ask(part, "/rooms", reader, "POST", {"id": room, "recipe": "plaza"})[0] == 403
    assert ask(part, "/rooms", admin, "POST", {"id": room, "recipe": "plaza"})[0] == 201
    assert ask(part, f"/rooms/{room}/cells", reader)[0] == 200 and ask(part, f"/rooms/{room}/cells")[0] == 401
    status, body = ask(part, f"/rooms/{room}/events", reader, "POST", {"name": "add", "data": {"by": 1}})
    assert (status, body["error"]["code"]) == (403, "forbidden")
    assert ask(part, f"/rooms/{room}/events", admin, "POST", {"name": "add", "data": {"by": 1}})[0] == 200
    assert ask(part, f"/rooms/{room}", reader, "DELETE")[0] == 403 and ask(part, f"/rooms/{room}", admin, "DELETE")[0] == 204


# Raw JSON, as PartySocket speaks it


@pytest.mark.parametrize("way", ["header", "subprotocol"])
async def test_a_party_takes_a_token_from(part, room, way):
    token = KEYS.token("ann")
    brought = {"header": {"additional_headers": bearer(token)}, "subprotocol": {"subprotocols": ["notes", f"bearer.{token}"]}}[way]
    ann = await Party(part, room, "pk", "waiter").open(**brought)
    await ann.say({"type": "whoami"})
    me = await ann.until(lambda: ann.of("me"))
    assert me[0]["id"] == "ann"
    assert ann.socket.subprotocol == ("notes" if way == "subprotocol" else None), "a browser wants one of its own names back"
    assert token not in part.log()


async def test_a_party_lets_nobody_in_without_a_good_token(part, room):
    for headers, status, code in (
        (None, 401, "unauthenticated"), (bearer(OTHER.token()), 401, "unauthenticated"), (bearer(KEYS.token(ttl=-1)), 401, "unauthenticated"),
        (bearer(KEYS.token(rooms=["elsewhere"])), 403, "forbidden"),
    ):
        answer = await turned_away(Party(part, room, "pk", "waiter").open(additional_headers=headers))
        assert (answer[0], answer[1]["code"]) == (status, code)
    assert ask(part, f"/rooms/{room}", KEYS.token())[0] == 404


async def test_a_party_runs_only_the_messages_that_the_token_allows(part, room):
    ann = await Party(part, room, "pk", "waiter").open(
        additional_headers=bearer(KEYS.token(rooms={room: ["join", "send:note"]})))
    await ann.say({"type": "nap", "number": 1})
    await ann.say({"type": "note", "number": 2})
    await ann.until(lambda: ann.of("noted"))
    assert [message["number"] for message in ann.of("noted")] == [2]
    error, = ann.of("error")
    assert error["code"] == "forbidden" and "send:nap" in error["message"] and not ann.closed


async def test_a_party_ends_with_its_token_and_a_fresh_one_brings_the_same_participant_back(part, room):
    def come(sub: str, ttl: float):
        return Party(part, room, "pk", "waiter").open(additional_headers=bearer(KEYS.token(sub, ttl=ttl)))

    ann = await come("ann", 2)
    await ann.say({"type": "whoami"})
    first = (await ann.until(lambda: ann.of("me")))[0]
    await ann.until(lambda: ann.closed)
    assert ann.closed[0] == 4401 and ann.of("error")[-1]["code"] == "unauthenticated"
    again = await come("ann", 60)
    await again.say({"type": "whoami"})
    assert (await again.until(lambda: again.of("me")))[0] == first, "the same session"
    # Somebody else has no use for the key of a connection.
    thief = await come("eve", 60)
    await thief.until(lambda: thief.closed)
    assert thief.closed[0] == 4403 and thief.of("error")[-1]["code"] == "forbidden"
    assert not again.closed
