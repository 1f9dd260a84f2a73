"""State synchronisation: a replica is the room, whenever and however it came to be."""

import asyncio
import json
import urllib.error
import urllib.request

from client import apply_patch


def public(cells: dict) -> dict:
    return {name: value for name, value in cells.items() if "@" not in name}


async def test_a_snapshot_and_its_patches_are_a_later_snapshot(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    for number in range(30):
        await ann.send("say", {"text": {"n": number}})
        await bob.send("introduce", {"said": str(number)})
    await ann.until(lambda: ann.seq == bob.seq)
    cleo = await enter("Cleo")
    await ann.until(lambda: ann.seq == cleo.seq)
    assert public(ann.cells) == public(cleo.cells)


async def test_a_late_joiner_has_everything(enter):
    ann = await enter("Ann")
    for number in range(300):
        await ann.start("say", {"text": number})
    await ann.until(lambda: not ann.waiting)
    bob = await enter("Bob")
    assert bob.joined["cells"]["log"] == list(range(300))


async def test_sync_request_gives_the_state_and_who_is_here(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.send("say", {"text": "hello"})
    await bob.post({"type": "sync_request"})
    await bob.until(lambda: list(bob.of("sync_response")))
    answer = next(bob.of("sync_response"))
    assert answer["seq"] == ann.seq and answer["epoch"] == ann.epoch and answer["cells"]["log"] == ["hello"]
    assert sorted(person["name"] for person in answer["participants"]) == ["Ann", "Bob"]


async def test_a_derived_cell_changes_in_the_same_patch(enter):
    ann = await enter("Ann")
    await ann.send("say", {"text": "hello"})
    patch = list(ann.of("commit"))[-1]["patch"]
    assert {change["path"].split("/")[1] for change in patch} == {"log", "length"}
    assert ann.cells["length"] == 1


async def test_what_is_private_reaches_its_owner_only(enter, part, room):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.send("confess", {"text": "secret"})
    await bob.send("say", {"text": "hello"})
    cleo = await enter("Cleo")
    await ann.until(lambda: ann.seq == cleo.seq)
    assert ann.cells[f"diary@{ann.joined['session']}"] == ["secret"]
    assert "secret" not in json.dumps([bob.received, cleo.received])
    for path in ("", "/cells", "/commits?since=0"):
        assert "secret" not in part.get(f"/rooms/{room}{path}").text


async def test_who_returns_gets_what_was_missed_by_commits_alone(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    bob.drop()
    await bob.until(lambda: bob.closed)
    for number in range(50):
        await ann.send("say", {"text": number})
    await bob.enter()
    assert bob.joined["resumed"] and "cells" not in bob.joined
    await bob.until(lambda: bob.seq == ann.seq)
    assert public(bob.cells) == public(ann.cells)


async def test_a_since_from_the_future_gets_the_whole_state(enter):
    ann = await enter("Ann")
    await ann.send("say", {"text": "hello"})
    ann.drop()
    await ann.until(lambda: ann.closed)
    ann.seq += 1_000
    await ann.enter()
    assert ann.joined["resumed"] and ann.joined["cells"]["log"] == ["hello"]


async def test_another_epoch_gets_the_whole_state(enter):
    ann = await enter("Ann")
    await ann.send("say", {"text": "hello"})
    ann.drop()
    await ann.until(lambda: ann.closed)
    ann.epoch = "another"
    await ann.enter()
    assert ann.joined["resumed"] and ann.joined["cells"]["log"] == ["hello"]


async def test_the_history_over_http_is_what_was_heard(enter, part, room):
    ann = await enter("Ann")
    for number in range(20):
        await ann.send("say", {"text": number})
    heard = {commit["seq"]: commit["patch"] for commit in ann.of("commit")}
    told = part.get(f"/rooms/{room}/commits?since=0&limit=100").json["commits"]
    stored = {commit["seq"]: [change for change in commit["patch"]] for commit in told if commit["seq"] in heard}
    assert stored.keys() == heard.keys()
    for seq, patch in stored.items():
        assert all(change in heard[seq] for change in patch)


async def test_the_state_of_an_earlier_commit_is_what_it_was(enter, part, room):
    ann = await enter("Ann")
    states = {}
    for number in range(10):
        await ann.send("say", {"text": number})
        states[ann.seq] = list(ann.cells["log"])
    for seq, log in states.items():
        answer = await asyncio.to_thread(part.get, f"/rooms/{room}/cells?at={seq}")
        cells = answer.json.get("cells", answer.json)
        assert cells["log"] == log and cells["length"] == len(log)


async def test_a_link_is_the_present_value_for_everybody(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.send("introduce", {"said": "hello"})
    await ann.send("rename", {"name": "Anna"})
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.look(bob.cells["people"][0]["who"]) == {"name": "Anna"}
    cleo = await enter("Cleo")
    assert cleo.look(cleo.cells["people"][0]["who"]) == {"name": "Anna"}


async def test_patches_apply_to_a_replica_of_plain_json(enter):
    ann = await enter("Ann")
    replica = json.loads(json.dumps(ann.joined["cells"]))
    for number in range(20):
        await ann.send("say", {"text": [number, {"deep": {"er": number}}]})
    for commit in ann.of("commit"):
        if commit["seq"] > ann.joined["seq"]:
            apply_patch(replica, commit["patch"])
    assert replica["log"] == ann.cells["log"] and replica["length"] == 20


async def test_the_tag_of_the_cells_follows_what_is_ephemeral_too(enter, part, room):
    """It was the seq, which does not rise when somebody's mood changes: a client that asked again was told "not modified"."""
    def ask(path: str, tag: str | None = None):
        request = urllib.request.Request(part.http + path, headers={"If-None-Match": tag} if tag else {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers["ETag"], json.load(answer)
        except urllib.error.HTTPError as same:
            return same.code, same.headers["ETag"], None

    ann = await enter("Ann")
    mood = f"mood@{ann.joined['session']}"
    cells = f"/rooms/{room}/cells"
    for value in ("calm", "wild", "calm"):
        before = await asyncio.to_thread(ask, cells)
        await ann.post({"type": "set", "cell": "mood", "value": value})
        await ann.until(lambda: ann.cells.get(mood) == value)
        for path in (cells, f"{cells}/{mood}"):
            status, tag, body = await asyncio.to_thread(ask, path, before[1])
            assert status == 200 and tag != before[1] and body in (value, body) and body != before[2]
            assert tag.startswith(f'"{ann.seq}-')
            assert await asyncio.to_thread(ask, path, tag) == (304, tag, None)
    at = await asyncio.to_thread(ask, f"{cells}?at={ann.seq}")
    assert at[1] == f'"{ann.seq}"', "an earlier state has nothing ephemeral"
