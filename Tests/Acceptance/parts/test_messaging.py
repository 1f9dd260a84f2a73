"""Messaging: what is said arrives, whole, once, at whom it was said to."""

import asyncio


async def test_an_event_becomes_a_commit_and_then_its_ack(enter):
    ann = await enter("Ann")
    before = ann.seq
    ack = await ann.send("say", {"text": "hello"})
    assert ack["seq"] == before + 1 and ack["result"] == 1
    kinds = [message["type"] for message in ann.received if message["type"] in ("commit", "ack")]
    assert kinds[-2:] == ["commit", "ack"]


async def test_a_commit_reaches_everybody_and_says_whose_it_is(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.send("say", {"text": "hello"})
    await bob.until(lambda: bob.seq == ann.seq)
    commit = list(bob.of("commit"))[-1]
    assert commit["by"] == ann.joined["session"] and commit["event"] == "say" and bob.cells["log"] == ["hello"]


async def test_text_of_every_kind_comes_back_as_it_was(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    texts = ["", " ", "ß→漢字🏳️‍🌈", "\u0000\u0001\u001f\u007f\u2028\u2029", '"\\/\b\f\n\r\t', "e\u0301", "x" * 100_000]
    for text in texts:
        await ann.send("say", {"text": text})
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.cells["log"] == texts


async def test_numbers_of_every_kind_come_back_as_they_were(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    numbers = [0, -1, 2**53 + 1, -(2**63), 2**63 - 1, 0.1, 1e300, 5e-324, 1.0, -0.5]
    for number in numbers:
        await ann.send("say", {"text": number})
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.cells["log"] == numbers
    assert [type(number) for number in bob.cells["log"]] == [type(number) for number in numbers]


async def test_values_of_every_kind_come_back_as_they_were(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    values = [True, False, [[]], {}, {"__proto__": {"constructor": [1, {"": None}]}}, [None, [None]], {"a/b": {"~": 1}}]
    for value in values:
        await ann.send("say", {"text": value})
    await bob.until(lambda: bob.seq == ann.seq)
    assert bob.cells["log"] == values


async def test_a_message_of_half_a_megabyte_gets_through(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    text = "0123456789abcdef" * 32_768
    await ann.send("say", {"text": text})
    await bob.until(lambda: bob.cells["log"] == [text])


async def test_a_whisper_reaches_one_and_a_shout_all(enter):
    ann, bob, cleo = await enter("Ann"), await enter("Bob"), await enter("Cleo")
    await ann.send("whisper", {"to": bob.joined["session"], "text": "psst"})
    await ann.send("shout", {"text": "hey"})
    for person in (bob, cleo):
        await person.until(lambda person=person: any(signal["name"] == "shout" for signal in person.of("signal")))
    assert [signal["data"]["text"] for signal in bob.of("signal")] == ["psst", "hey"]
    assert [signal["data"]["text"] for signal in cleo.of("signal")] == ["hey"]
    assert next(cleo.of("signal"))["from"] == ann.joined["session"]


async def test_what_a_failed_handler_signalled_is_heard_by_nobody(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    failed = await ann.start("boast")
    await asyncio.wait([failed])
    await ann.send("shout", {"text": "hey"})
    await bob.until(lambda: list(bob.of("signal")))
    assert [signal["data"]["text"] for signal in bob.of("signal")] == ["hey"] and bob.cells["log"] == []


async def test_presence_is_heard_without_a_commit(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.until(lambda: ann.seq == bob.seq)
    seq, mine = ann.seq, f"mood@{ann.joined['session']}"
    await ann.post({"type": "set", "cell": mine, "value": "glad"})
    await bob.until(lambda: bob.cells.get(mine) == "glad")
    assert bob.seq == seq


async def test_of_many_moods_the_last_one_stays(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    mine = f"mood@{ann.joined['session']}"
    for number in range(500):
        await ann.post({"type": "set", "cell": mine, "value": str(number)})
    await bob.until(lambda: bob.cells.get(mine) == "499")
    assert sum(mine in str(message["patch"]) for message in bob.of("ephemeral")) <= 500


async def test_the_presence_of_somebody_else_cannot_be_written(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    await ann.post({"type": "set", "cell": f"mood@{bob.joined['session']}", "value": "sad"})
    await ann.until(lambda: list(ann.of("error")))
    assert next(ann.of("error"))["code"] == "forbidden"
    assert bob.cells.get(f"mood@{bob.joined['session']}", "") == ""


async def test_a_question_is_answered_by_whom_it_was_put_to(enter):
    ann, bob = await enter("Ann"), await enter("Bob")
    asked = await ann.start("question", {"to": bob.joined["session"]})
    await bob.until(lambda: list(bob.of("ask")))
    ask = next(bob.of("ask"))
    assert ask["name"] == "agree?" and ask["data"] == {"n": 1} and 0 < ask["timeout_ms"] <= 10_000
    await bob.post({"type": "answer", "ask": ask["ask"], "data": "yes"})
    assert (await asyncio.wait_for(asked, 20))["result"] == "yes" and ann.cells["log"] == ["yes"]
