"""PartySocket clients: raw JSON sockets at /parties/{party}/{room}."""

import asyncio
import json

import pytest
import websockets
from client import Client
from party import Party
from server import ROOT, TEST_RECIPES, Server
from tokens import Keys

ANN, BOB = ("ann", "Ann"), ("bob", "Bob")


@pytest.fixture
def server(serve) -> Server:
    return serve(arguments=("--session-ttl", "2"))


async def two(server: Server, room: str = "form") -> tuple[Party, Party]:
    """Ann and Bob, who have both joined and heard all there was to hear."""
    ann, bob = await Party(server, room, "pk-ann").open(), await Party(server, room, "pk-bob").open()
    await ann.join(*ANN)
    await ann.sync()
    await bob.join(*BOB)
    await bob.sync(), await ann.sync()
    ann.heard, bob.heard = [], []
    return ann, bob


def test_user_joined_is_told_to_the_others(server, run):
    async def story():
        ann = await Party(server, "form", "pk-ann").open()
        await ann.join(*ANN)
        await ann.sync()
        bob = await (await Party(server, "form", "pk-bob").open()).join(*BOB)
        await ann.until(lambda: ann.of("user_joined"))
        assert ann.of("user_joined") == [{"type": "user_joined", "userId": "bob", "userName": "Bob"}]
        assert (await bob.sync())["participants"] == [
            {"id": "ann", "name": "Ann", "isReady": False}, {"id": "bob", "name": "Bob", "isReady": False}]
        assert not bob.of("user_joined"), "nobody hears of itself"

    run(story())


def test_field_selected_is_kept_and_told_to_the_others(server, run):
    async def story():
        ann, bob = await two(server)
        selection = await ann.select("place", {"city": "Lisbon"}, "ann", 1700000000123)
        await bob.until(lambda: bob.heard)
        assert bob.heard == [{"type": "field_selected", "selection": selection}]
        assert await ann.sync() == {
            "type": "sync_response", "selections": {"place": selection},
            "participants": [
                {"id": "ann", "name": "Ann", "isReady": False}, {"id": "bob", "name": "Bob", "isReady": False}]}
        assert [message["type"] for message in ann.heard] == ["sync_response"]

    run(story())


def test_user_ready_is_kept_and_told_to_the_others(server, run):
    async def story():
        ann, bob = await two(server)
        await bob.say({"type": "user_ready", "userId": "bob", "isReady": True})
        await ann.until(lambda: ann.heard)
        assert ann.heard == [{"type": "user_ready", "userId": "bob", "isReady": True}]
        assert {"id": "bob", "name": "Bob", "isReady": True} in (await ann.sync())["participants"]

    run(story())


def test_sync_request_is_answered_to_the_asker_only(server, run):
    async def story():
        ann, bob = await two(server)
        await bob.sync()
        await bob.say({"type": "wave"})
        await ann.until(lambda: ann.heard)
        assert [message["type"] for message in ann.heard] == ["wave"]

    run(story())


def test_any_other_message_is_passed_on_unchanged(server, run):
    odd = {
        "type": "cursor", "nothing": None, "list": [], "object": {}, "nested": [[], {}, [None, {"a": []}]],
        "text": "Grüße 🎈\u0000\n\"", "whole": 9007199254740993, "half": 0.5, "float": 1.0, "minus": -1, "yes": True,
        "no": False, "": "no name", "get": 1, "1": "one",
    }

    async def story():
        ann, bob = await two(server)
        await ann.say(odd)
        await bob.until(lambda: bob.heard)
        assert bob.heard == [odd]
        assert json.dumps(bob.heard[0], sort_keys=True) == json.dumps(odd, sort_keys=True)
        await ann.sync()
        assert not ann.of("cursor")

    run(story())


def test_selections_stay_and_user_left_follows_when_the_session_ends(server, run):
    async def story():
        ann, bob = await two(server)
        selection = await bob.select("month", "May", "bob")
        await bob.sync()
        await bob.close()
        at_once = await ann.sync()
        assert {"id": "bob", "name": "Bob", "isReady": False} in at_once["participants"]
        await ann.until(lambda: ann.of("user_left"))
        assert ann.of("user_left") == [{"type": "user_left", "userId": "bob"}]
        after = await ann.sync()
        assert after["selections"] == {"month": selection}
        assert [participant["id"] for participant in after["participants"]] == ["ann"]

    run(story())


def test_a_late_joiner_a_refresh_and_a_network_drop_see_every_selection(server, run):
    async def story():
        ann, bob = await two(server)
        wanted = {field: await ann.select(field, value, "ann") for field, value in [("place", 1), ("month", "May")]}
        wanted["stay"] = await bob.select("stay", ["flat"], "bob")
        await bob.sync()
        late = await Party(server, "form", "pk-late").open()
        assert (await late.sync())["selections"] == wanted

        await bob.close()
        refreshed = await Party(server, "form", "pk-bob-2").open()
        assert (await refreshed.sync())["selections"] == wanted

        ann.drop()
        await ann.until(lambda: ann.closed)
        wanted["travel"] = await late.select("travel", "train", "late")
        await late.sync()
        await ann.open()
        assert (await ann.sync())["selections"] == wanted

    run(story())


def test_the_same_key_is_the_same_participant_after_a_drop(server, run):
    async def story():
        ann, bob = await two(server)
        for _ in range(3):
            bob.drop()
            await bob.until(lambda: bob.closed)
            await asyncio.sleep(0.8)  # 3 × 0.8 s: longer together than a session outlives its socket
            await bob.open()
            await bob.sync()
        assert server.get("/rooms/form").json["sessions"] == 2
        assert not ann.of("user_left"), "nobody left"

    run(story())


def test_the_same_key_is_the_same_participant_after_a_restart(serve, run):
    server = serve()

    async def story():
        ann, _ = await two(server)
        selection = await ann.select("place", "Lisbon", "ann")
        await ann.sync()
        server.restart()
        back = await Party(server, "form", "pk-ann").open()
        assert (await back.sync())["selections"] == {"place": selection}
        assert server.get("/rooms/form").json["sessions"] == 2

    run(story())


def test_a_second_socket_with_the_same_key_replaces_the_first(server, run):
    async def story():
        ann, bob = await two(server)
        again = await Party(server, "form", "pk-bob").open()
        await bob.until(lambda: bob.closed)
        assert bob.closed[0] == 4409
        await again.say({"type": "wave"})
        await ann.until(lambda: ann.heard)
        assert ann.heard == [{"type": "wave"}]

    run(story())


def test_sockets_without_a_key_are_strangers_to_each_other(server, run):
    async def story():
        one, two = await Party(server, "form").open(), await Party(server, "form").open()
        await one.sync(), await two.sync()
        await one.say({"type": "wave"})
        await two.until(lambda: two.of("wave"))
        assert server.get("/rooms/form").json["sessions"] == 2

    run(story())


def test_it_works_together_with_the_page_of_the_recipe(server, run):
    async def story():
        ann, _ = await two(server)
        cleo = await Client(server.room("form"), "Cleo").enter()
        await cleo.send("join_form", {"name": "Cleo"})
        await cleo.send("select", {"field": "place", "value": "Ghent"})
        await ann.until(lambda: ann.of("field_selected"))
        assert ann.of("user_joined")[0]["userName"] == "Cleo"
        assert ann.of("field_selected")[0]["selection"]["value"] == "Ghent"

        selection = await ann.select("month", "May", "ann")
        await cleo.until(lambda: cleo.cells["selections"].get("month") == selection)
        commit = list(cleo.of("commit"))[-1]
        assert commit["event"] == "field_selected" and commit["by"]
        assert set((await ann.sync())["selections"]) == {"place", "month"}
        await cleo.close()

    run(story())


def test_errors_come_as_raw_json(server, run):
    async def story():
        ann, bob = await two(server)
        for text, code, word in [
            ("{", "bad_message", "JSON"), ("[1]", "bad_message", "object"), ('{"a":1}', "bad_message", "type"),
            ('{"type":""}', "bad_message", "type"), ('{"type":7}', "bad_message", "type"),
            ('{"type":"user_joined"}', "invalid_data", "userId"),
            ('{"type":"field_selected","selection":{"field":"x"}}', "invalid_data", "value"),
            ('{"type":"field_selected","selection":{"field":"x","value":1,"userId":"u"}}', "invalid_data", "timestamp"),
            ('{"type":"user_ready","userId":"nobody","isReady":true}', "unknown_participant", "join"),
            ('{"type":"x","a":{"$ref":"selections"}}', "invalid_link", ""),
        ]:
            ann.heard = []
            await ann.say(text)
            await ann.until(lambda: ann.heard)
            (error,) = ann.heard
            assert error["type"] == "error" and error["code"] == code and word in error["message"], (text, error)
            assert error["trace"]
        await ann.sync()
        assert not bob.heard
        assert server.log_lines("pk-ann") == [], "a key is a secret"

    run(story())


def test_too_much_nonsense_ends_the_socket(server, run):
    async def story():
        ann = await Party(server, "form").open()
        for _ in range(11):
            await ann.say("nonsense")
        await ann.until(lambda: ann.closed)
        assert ann.closed[0] == 4400
        assert len(ann.of("error")) >= 10

    run(story())


def test_a_binary_frame_and_a_huge_message_end_the_socket(server, run):
    async def story():
        for message, code in [(b"\x01", 1003), ("x" * (2 << 20), 1009)]:
            ann = await Party(server, "form").open()
            await ann.socket.send(message)
            await ann.until(lambda: ann.closed)
            assert ann.closed[0] == code and ann.of("error")

    run(story())


def test_what_is_sent_before_the_room_is_there_is_not_lost(server, run):
    async def story():
        for number in range(20):
            ann = await Party(server, f"fresh{number}", "pk").open()
            await ann.join(*ANN)
            await ann.select("place", number, "ann")
            assert (await ann.sync())["selections"]["place"]["value"] == number
            await ann.close()

    run(story())


def test_parties_and_rooms_that_cannot_be_had_are_refused_with_a_reason(server, run):
    async def refusal(room: str, party: str, pk: str = "x") -> tuple[int, dict]:
        with pytest.raises(websockets.InvalidStatus) as caught:
            await Party(server, room, pk, party).open()
        response = caught.value.response
        return response.status_code, json.loads(response.body)["error"]

    async def story():
        status, error = await refusal("r", "nothing")
        assert status == 404 and error["code"] == "party_not_found" and "collaboration" in error["message"]
        status, error = await refusal("r", "counter")
        assert status == 404 and error["code"] == "party_not_found" and "messages" in error["message"]
        assert (await refusal("r", "collaboration", ""))[0] == 400
        assert (await refusal("r", "collaboration", "x" * 201))[0] == 400
        client = await Client(server.room("count", "counter")).enter()
        status, error = await refusal("count", "collaboration")
        assert status == 409 and error["code"] == "recipe_mismatch" and "counter" in error["message"]
        await client.close()

    run(story())
    answer = server.get("/parties/collaboration/form")
    assert answer.status == 426 and answer.json["error"]["code"] == "upgrade_required"
    assert server.log_lines("upgrade refused", "party_not_found")


def test_a_recipe_may_name_its_party_itself(server, run):
    async def story():
        ann = await Party(server, "form", "pk", party="conflict-resolution", extra="ignored").open()
        assert (await ann.sync())["selections"] == {}

    run(story())


def test_a_party_that_reads_slowly_misses_words_and_no_state(serve, run):
    server = serve(arguments=("--max-lag", "65536"))

    async def story():
        ann = await Party(server, "form", "pk-ann").open()
        slow = await Party(server, "form", "pk-slow").open(max_queue=1, compression=None)
        await slow.sync()
        slow.reader.cancel()  # nobody takes what comes: the socket's buffers fill up, then the server's
        await asyncio.gather(slow.reader, return_exceptions=True)
        slow.closed = None
        value = "x" * 20_000
        for number in range(1_000):
            await ann.select(f"f{number % 20}", f"{number} {value}", "ann", number)
        wanted = (await ann.sync())["selections"]
        slow.heard = []
        slow.reader = asyncio.create_task(slow.read(slow.socket))
        await slow.until(lambda: slow.of("sync_response"), 30)
        assert slow.of("sync_response")[-1]["selections"] == wanted
        assert len(slow.of("field_selected")) < 1_000, "it was spared what it did not take"
        assert not slow.closed

    run(story(), 120)


def test_a_message_without_effect_costs_no_write(server, run):
    def writes() -> float:
        lines = server.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("hearth_store_writes_total"))

    async def story():
        ann, bob = await two(server)
        before = writes()
        for number in range(50):
            await ann.say({"type": "cursor", "at": number})
        await bob.until(lambda: len(bob.heard) == 50)
        assert [message["at"] for message in bob.heard] == list(range(50))
        assert writes() == before

    run(story())


def test_the_client_library_finds_its_way_back(serve, run, browser):
    """The library's rules (its URLs, its queue, its way to reconnect) in a real browser, over a restart of the server."""
    server = serve()
    library = (ROOT / "Tests/Web/party-socket.js").read_text()
    script = """([library, host]) => {
      const module = library.replace("export class", "window.PartySocketRules = class");
      eval(module);
      const heard = window.heard = [];
      const socket = window.socket = new PartySocketRules({
        host, party: "collaboration", room: "a form", query: { lang: "de", gone: null },
        minReconnectionDelay: 100, maxReconnectionDelay: 500 });
      socket.onmessage = (event) => heard.push(JSON.parse(event.data));
      socket.onopen = () => {
        socket.send(JSON.stringify({ type: "user_joined", userId: "ann", userName: "Ann" }));
        socket.send(JSON.stringify({ type: "sync_request" }));
      };
      window.syncs = () => heard.filter((message) => message.type === "sync_response");
      socket.send(JSON.stringify({ type: "field_selected",
        selection: { field: "place", value: "Bergen", userId: "ann", timestamp: 1 } }));
    }"""

    async def story():
        async with browser() as b:
            page = await b.page(f"{server.http}/r/conflict-resolution/other")
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Page.setBypassCSP", {"enabled": True})
            await page.reload()
            await page.evaluate(script, [library, f"127.0.0.1:{server.port}"])
            await page.wait_for_function("syncs().length === 1")
            first = await page.evaluate("syncs()[0]")
            assert first["selections"]["place"]["value"] == "Bergen", "queued before the socket was open"
            bob = await Party(server, "a form", "pk-bob").open()
            await bob.select("month", "June", "bob")
            await page.wait_for_function("heard.some((message) => message.type === 'field_selected')")
            server.stop()
            await bob.until(lambda: bob.closed)
            assert bob.closed[0] == 1012
            server.start()
            await page.wait_for_function("syncs().length >= 2")
            back = await page.evaluate("syncs().at(-1)")
            assert set(back["selections"]) == {"place", "month"}
            assert [participant["id"] for participant in back["participants"]] == ["ann"]
            assert server.get("/rooms/a%20form").json["sessions"] == 2, "the same participant as before, and Bob"

    run(story(), 90)


def test_a_message_whose_handler_waits_when_the_server_stops_is_answered(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def story():
        ann = await Party(server, "r", "pk", party="waiter").open()
        await ann.say({"type": "slow"})
        while server.get("/rooms/r").json["stats"]["waits"] == 0:
            await asyncio.sleep(0.05)
        server.stop()
        await ann.until(lambda: ann.closed)
        assert ann.of("error")[0]["code"] == "shutting_down" and ann.of("error")[0]["retryable"]

    run(story())


def test_messages_of_one_socket_keep_their_order_behind_one_that_waits(serve, run):
    server = serve(recipes=TEST_RECIPES)

    async def story():
        ann = await Party(server, "r", "pk", party="waiter").open()
        bob = await Party(server, "r", party="waiter").open()
        await ann.say({"type": "nap", "number": 1})
        for number in (2, 3):
            await ann.say({"type": "note", "number": number})
        await bob.say({"type": "note", "number": 9})
        await ann.until(lambda: len(ann.of("noted")) == 4)
        numbers = [message["number"] for message in ann.of("noted")]
        assert numbers == [9, 1, 2, 3]

    run(story())


def test_a_page_brings_its_token_as_a_subprotocol_beside_a_name_of_its_own(serve, run, browser, tmp_path):
    """A browser can set no header, and drops a socket whose server takes none of the names that it offered."""
    keys = Keys("ES256", tmp_path)
    server = serve(recipes=TEST_RECIPES, arguments=keys.serve)
    script = """([url, token]) => {
      const attempt = (protocols) => new Promise((done) => {
        const socket = new WebSocket(url, protocols);
        socket.onopen = () => socket.send(JSON.stringify({ type: "whoami" }));
        socket.onmessage = (event) => done([socket.protocol, JSON.parse(event.data).id]);
        socket.onclose = (event) => done([null, event.code]);
      });
      return Promise.all([attempt(["notes", "bearer." + token]), attempt(["bearer." + token]), attempt(["notes"])]);
    }"""

    async def story():
        async with browser() as b:
            page = await b.page(f"{server.http}/")
            url = f"ws://127.0.0.1:{server.port}/parties/waiter/r"
            assert await page.evaluate(script, [url, keys.token("ann")]) == [["notes", "ann"], [None, 1006], [None, 1006]]

    run(story(), 60)
