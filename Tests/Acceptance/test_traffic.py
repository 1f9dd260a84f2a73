"""Load and limits: each one is reached over real sockets. Who reaches it is told what and when, the log and the metrics know
it, and nobody else notices."""

import asyncio
import http.client
import json
import socket
import time
from random import Random

import pytest
from client import Client, Refused
from party import Party
from prometheus_client.parser import text_string_to_metric_families
from raw import CLOSE, MORE, PING, PONG, STANDARD, TEXT, Link, frame
from server import TEST_RECIPES, binary
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

#: Every address of 127/8 is this machine's: a client that binds one comes from another address.
ANN, BOB, EVE = "127.0.0.2", "127.0.0.3", "127.0.0.66"


def reached(server) -> dict[str, int]:
    """How often each limit was reached."""
    families = {family.name: family for family in text_string_to_metric_families(server.get("/metrics").text)}
    return {sample.labels["limit"]: int(sample.value) for sample in families["hearth_limits_reached"].samples}


def gauge(server, name: str) -> int:
    families = {family.name: family for family in text_string_to_metric_families(server.get("/metrics").text)}
    return int(families[f"hearth_{name}"].samples[0].value)


def others(counts: dict[str, int], *limits: str) -> dict[str, int]:
    """What else was reached."""
    return {limit: count for limit, count in counts.items() if count and limit not in limits}


class From(Client):
    """A client that comes from an address of its choice, or says that a proxy brought it."""

    def __init__(self, url: str, address: str | None = None, forwarded: str | None = None, **options):
        super().__init__(url, **options)
        self.address, self.forwarded = address, forwarded

    async def enter(self) -> "From":
        self.closed = None
        self.socket = await connect(
            self.url, subprotocols=["hearth.v1"], max_size=None, ping_interval=None, proxy=None,
            additional_headers={"X-Forwarded-For": self.forwarded} if self.forwarded else None,
            **({"local_addr": (self.address, 0)} if self.address else {}))
        await self.post({"type": "join", **self.join})
        first = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
        first = first if isinstance(first, list) else [first]
        if first[0]["type"] != "joined":
            raise Refused(first[0])
        for message in first:
            self.take(message)
        self.reader = asyncio.create_task(self.read(self.socket))
        return self


async def refused(client: Client) -> tuple[int, dict, dict]:
    """Status, error and header fields with which an upgrade is refused."""
    with pytest.raises(InvalidStatus) as caught:
        await client.enter()
    response = caught.value.response
    return response.status_code, json.loads(response.body)["error"], response.headers


def ask(server, path: str, address: str | None = None, method="GET", body=None, **fields) -> tuple[int, dict, dict]:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10, source_address=(address, 0) if address else None)
    try:
        link.request(method, path, json.dumps(body) if body is not None else None, {
            "Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in fields.items()}})
        answer = link.getresponse()
        text = answer.read()
        return answer.status, dict(answer.headers), json.loads(text) if text[:1] in (b"{", b"[") else text
    finally:
        link.close()


def quiet(server, count: int, data: bytes = b"", address: str | None = None) -> list[socket.socket]:
    """Connections that say no more than this."""
    links = []
    for _ in range(count):
        link = socket.create_connection(("127.0.0.1", server.port), 10, (address, 0) if address else None)
        link.sendall(data)
        links.append(link)
    return links


def rest(link: socket.socket, seconds: float = 10) -> bytes:
    """What the server still says, to its end."""
    link.settimeout(seconds)
    parts = []
    while part := link.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def test_sockets_in_all_are_counted_and_a_place_that_is_left_can_be_taken(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-connections", "3"))

    async def story():
        url = server.room("hall", "plaza")
        ann, bob, cid = [await Client(url, name).enter() for name in ("Ann", "Bob", "Cid")]
        status, error, fields = await refused(Client(url))
        assert (status, error["code"], fields["Retry-After"]) == (503, "too_many_connections", "5") and "3" in error["message"]
        with pytest.raises(InvalidStatus):
            await Party(server, "form", "eve", "waiter").open()
        assert server.get("/healthz").status == 200, "who looks after the server gets through"
        assert (await ann.send("say", {"text": "still here"}))["result"] == 1
        await bob.until(lambda: bob.cells["log"] == ["still here"])
        await cid.leave()
        await asyncio.to_thread(wait_for, lambda: gauge(server, "connections_open") == 3)  # and the one that asks
        dan = await Client(url, "Dan").enter()
        assert dan.cells["log"] == ["still here"]

    run(story())
    counts = reached(server)
    assert counts["connections"] == 2 and not others(counts, "connections")
    assert len(server.log_lines("upgrade refused", "too_many_connections", "at most 3 connections")) == 2


def wait_for(true, seconds: float = 10):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def test_one_address_has_its_share_of_connections_and_others_have_theirs(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-connections-per-address", "3"))

    async def story():
        url = server.room("hall", "plaza")
        mine = [await From(url, EVE).enter() for _ in range(2)]
        silent = quiet(server, 1, address=EVE)
        status, error, fields = await refused(From(url, EVE))
        assert (status, error["code"]) == (503, "too_many_connections") and f"3 connections from the address {EVE}" in error["message"]
        assert fields["Retry-After"] == "5"
        status, _, body = ask(server, "/rooms/hall", EVE)
        assert (status, body["error"]["code"]) == (503, "too_many_connections"), "a connection is a connection"
        bob = await From(url, BOB).enter()
        assert (await bob.send("say", {"text": "me too"}))["result"] == 1
        await mine[0].until(lambda: mine[0].cells["log"] == ["me too"])
        silent[0].close()
        await asyncio.to_thread(wait_for, lambda: gauge(server, "handshakes_pending") <= 1)
        late = await From(url, EVE).enter()
        assert late.cells["log"] == ["me too"]

    run(story())
    counts = reached(server)
    assert counts["address_connections"] == 2 and not others(counts, "address_connections")
    assert len(server.log_lines("request refused", "too_many_connections", f"the address {EVE}")) == 2


def test_a_session_that_sends_too_fast_is_slowed_down_and_loses_nothing(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rate-per-session", "20"))

    async def story():
        url = server.room("hall", "plaza")
        eve, bob = [await Client(url, name).enter() for name in ("Eve", "Bob")]
        began = time.monotonic()
        answers = await asyncio.gather(*[await eve.start("add", {"by": 1}) for _ in range(70)], return_exceptions=True)
        taken = [answer for answer in answers if not isinstance(answer, Exception)]
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        most = 40 + 20 * (time.monotonic() - began) + 1
        assert 39 <= len(taken) <= most, f"{len(taken)} of 70, not two seconds' worth"
        assert all(refusal.code == "rate_limited" and refusal.retryable for refusal in lost)
        assert all(0 < refusal.details["retry_after_ms"] <= 1_000 for refusal in lost), lost[0].details
        assert "20 messages a second" in str(lost[0])
        for _ in range(30):
            await bob.send("nothing")
        assert bob.closed is None
        await asyncio.sleep(lost[-1].details["retry_after_ms"] / 1_000)
        await eve.send("add", {"by": 1})
        assert eve.cells["count"] == len(taken) + 1 == server.cells("hall")["count"]
        assert eve.next_id == 72, "a refusal has used up its id"
        # Cursors are messages as well.
        before = len(list(eve.of("error")))
        for n in range(45):
            await eve.post({"type": "set", "cell": "mood", "value": str(n)})
        await eve.until(lambda: len(list(eve.of("error"))) > before + 10)
        assert {error["code"] for error in eve.of("error")} == {"rate_limited"}
        for _ in range(200):
            await eve.post({"type": "ping"})
        await eve.until(lambda: eve.closed)
        assert eve.closed[0] == 4429 and [bye["code"] for bye in eve.of("bye")] == [4429]
        assert len(list(eve.of("error"))) == 100, "a hundred in a minute are enough"
        await bob.send("nothing")
        again = await Client(url, "Eve").enter()
        await again.send("nothing")

    run(story())
    counts = reached(server)
    assert counts["session_rate"] >= 100 and counts["refused_events"] == 1
    assert not others(counts, "session_rate", "refused_events")
    assert server.log_lines("socket closed", "4429", "too many messages")


def test_a_session_that_comes_back_has_what_was_left_of_its_rate(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rate-per-session", "20"))

    async def story():
        url = server.room("hall", "plaza")
        eve = await Client(url, "Eve").enter()
        began = time.monotonic()
        for _ in range(45):
            await eve.post({"type": "ping"})
        taken = 40
        for _ in range(10):
            await eve.close()
            await eve.enter()
            assert eve.joined["resumed"]
            answers = await asyncio.gather(*[await eve.start("add", {"by": 1}) for _ in range(20)], return_exceptions=True)
            taken += sum(not isinstance(answer, Refused) for answer in answers)
        # Ten fresh budgets would have let all two hundred through.
        assert taken <= 40 + 20 * (time.monotonic() - began) + 1, f"{taken} in {time.monotonic() - began:.1f} s"
        bob = await Client(url, "Bob").enter()
        for _ in range(30):
            await bob.send("nothing")

    run(story())


def test_a_raw_json_socket_is_slowed_down_as_well(serve, run):
    server = serve(arguments=("--max-rate-per-session", "10"))

    async def story():
        eve, bob = await Party(server, "form", "eve").open(), await Party(server, "form", "bob").open()
        for n in range(40):
            await eve.select("a", n, "eve")
        await eve.until(lambda: eve.of("error"))
        assert eve.of("error")[0]["code"] == "rate_limited" and eve.of("error")[0]["retryable"]
        assert eve.of("error")[0]["details"]["retry_after_ms"] > 0
        assert (await bob.sync())["selections"]["a"]["value"] < 39
        for n in range(120):
            await eve.select("a", n, "eve")
        await eve.until(lambda: eve.closed)
        assert eve.closed[0] == 4429
        await bob.select("b", "fine", "bob")
        assert (await bob.sync())["selections"]["b"]["value"] == "fine"

    run(story())
    assert reached(server)["session_rate"] >= 100


def test_an_address_has_one_rate_for_all_its_sockets_and_requests(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rate-per-address", "50"))

    async def story():
        url = server.room("hall", "plaza")
        eves = [await From(url, EVE).enter() for _ in range(4)]
        bob = await From(url, BOB).enter()
        answers = await asyncio.gather(
            *[await eves[n % 4].start("add", {"by": 1}) for n in range(160)], return_exceptions=True)
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        assert 20 < len(lost) < 80 and all(refusal.code == "rate_limited" for refusal in lost), len(lost)
        assert "one address" in str(lost[0])
        for _ in range(40):
            await bob.send("add", {"by": 1})
        assert ask(server, "/rooms/hall", BOB)[0] == 200
        statuses = [ask(server, "/rooms/hall", EVE) for _ in range(60)]
        status, fields, body = next(answer for answer in statuses if answer[0] != 200)
        assert (status, body["error"]["code"]) == (429, "rate_limited") and body["error"]["details"]["retry_after_ms"] > 0
        assert fields["Retry-After"] == "1" and EVE in body["error"]["message"]
        assert server.cells("hall")["count"] == 160 - len(lost) + 40

    run(story())
    counts = reached(server)
    assert counts["address_rate"] > 20 and not others(counts, "address_rate")


def test_the_word_of_a_trusted_proxy_is_taken_and_nobody_elses(serve, run):
    flags = ("--max-connections-per-address", "2")
    behind = serve(recipes=TEST_RECIPES, arguments=(*flags, "--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.0.0.9"))
    open_to_all = serve(recipes=TEST_RECIPES, arguments=flags)

    async def story():
        url = behind.room("hall", "plaza")
        # What the client made up stands before what the proxies have added.
        [await From(url, forwarded=f"9.9.9.{n}, 203.0.113.7, 10.0.0.9").enter() for n in range(2)]
        status, error, _ = await refused(From(url, forwarded="9.9.9.9, 203.0.113.7, 10.0.0.9"))
        assert (status, error["code"]) == (503, "too_many_connections") and "203.0.113.7" in error["message"]
        for n in range(5):
            await From(url, forwarded=f"203.0.113.{n + 10}").enter()
        # One customer has 64 bits of IPv6.
        [await From(url, forwarded=f"2001:db8:1:2::{n}").enter() for n in range(2)]
        status, error, _ = await refused(From(url, forwarded="[2001:db8:1:2:3:4:5:6]:4711"))
        assert status == 503 and "2001:db8:1:2::/64" in error["message"]
        await From(url, forwarded="2001:db8:1:3::1").enter()
        # A proxy that does not say whom it brings is not taken for one client.
        [await From(url).enter() for _ in range(4)]

        url = open_to_all.room("hall", "plaza")
        [await From(url, BOB, forwarded=f"203.0.113.{n}").enter() for n in range(2)]
        assert (await refused(From(url, BOB, forwarded="203.0.113.9")))[0] == 503

    run(story())
    assert behind.log_lines("request refused", "remote=203.0.113.7 ") and not open_to_all.log_lines("203.0.113")
    assert ask(behind, "/rooms/nosuch", X_Forwarded_For="198.51.100.4")[0] == 404
    assert behind.log_lines("request refused", "remote=198.51.100.4 ")


def test_rooms_have_a_number_and_the_last_one_is_not_stretched(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rooms", "2"))

    async def story():
        ann = await Client(server.room("one", "plaza")).enter()
        assert ask(server, "/rooms", method="POST", body={"id": "two", "recipe": "plaza"})[0] == 201
        status, fields, body = ask(server, "/rooms", method="POST", body={"id": "three", "recipe": "plaza"})
        assert (status, body["error"]["code"]) == (503, "too_many_rooms") and "2 rooms" in body["error"]["message"]
        assert int(fields["Retry-After"]) > 0
        status, error, _ = await refused(Client(server.room("three", "plaza")))
        assert (status, error["code"]) == (503, "too_many_rooms")
        assert ask(server, "/rooms/three")[0] == 404
        await ann.send("nothing")
        await Client(server.room("two", "plaza")).enter()
        assert ask(server, "/rooms/one", method="DELETE")[0] == 204
        many = [asyncio.to_thread(ask, server, "/rooms", method="POST", body={"id": f"n{n}", "recipe": "plaza"}) for n in range(8)]
        assert sorted(answer[0] for answer in await asyncio.gather(*many)) == [201] + [503] * 7

    run(story())
    counts = reached(server)
    assert counts["rooms"] == 9 and not others(counts, "rooms")
    server.restart()
    assert ask(server, "/rooms", method="POST", body={"id": "four", "recipe": "plaza"})[0] == 503, "those from before count"


def test_rooms_in_memory_have_a_number_and_sleepers_make_place(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rooms-awake", "2"))

    async def story():
        ann = await Client(server.room("one", "plaza")).enter()
        await (bob := await Client(server.room("two", "plaza")).enter()).leave()
        status, error, fields = await refused(Client(server.room("three", "plaza")))
        assert (status, error["code"], fields["Retry-After"]) == (503, "too_many_rooms", "5")
        await ann.send("nothing")
        assert bob.closed[0] == 1000

        async def finds_place():
            try:
                return await Client(server.room("three", "plaza")).enter()
            except InvalidStatus:
                return None

        async with asyncio.timeout(15):
            while not (cid := await finds_place()):
                await asyncio.sleep(0.2)
        await cid.send("nothing")
        assert ann.closed is None

    run(story())
    assert reached(server)["rooms_awake"] >= 1


def test_handshakes_that_do_not_end_make_place_for_those_that_do(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-handshakes", "5"))
    idle = quiet(server, 5, b"GET / HTTP/1.1\r\nHost: hea")

    async def story():
        for name in ("Ann", "Bob"):
            ann = await Client(server.room("hall", "plaza"), name).enter()
            await ann.send("nothing")

    run(story())
    head, _, body = rest(idle[0]).partition(b"\r\n\r\n")
    assert b" 503 " in head and b"Retry-After: 1" in head and json.loads(body)["error"]["code"] == "too_many_connections"
    idle[4].sendall(b"rth\r\nConnection: close\r\n\r\n")
    assert rest(idle[4]).startswith(b"HTTP/1.1 200"), "one place was needed, and one was taken"
    counts = reached(server)
    assert counts["handshakes"] == 1 and not others(counts, "handshakes")
    assert server.log_lines("request refused", "others wait for the place of this connection")
    for link in idle:
        link.close()


def drip(server, first: bytes, byte: bytes, seconds: float) -> tuple[float, bytes]:
    """Sends a byte now and then; how long the server bore it, and what it said."""
    link = quiet(server, 1, first)[0]
    began = time.monotonic()
    link.settimeout(0.1)
    heard = b""
    while time.monotonic() - began < seconds:
        try:
            link.sendall(byte)
            if not (part := link.recv(65_536)):
                break
            heard += part
        except TimeoutError:
            continue
        except OSError:
            break
    link.close()
    return time.monotonic() - began, heard


def test_heads_and_bodies_that_come_byte_by_byte_have_their_time(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--header-timeout", "1", "--body-timeout", "2"))
    took, heard = drip(server, b"GET /rooms/hall HTTP/1.1\r\nHost: hearth\r\nX: ", b"x", 10)
    assert 0.8 < took < 4 and b" 408 " in heard and b'"request_timeout"' in heard and b"head" in heard
    took, heard = drip(server, b"", b"", 10)
    assert 0.8 < took < 4 and b" 408 " in heard, "silence is no faster"
    head = b"POST /rooms HTTP/1.1\r\nHost: hearth\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    took, heard = drip(server, head, b" ", 10)
    assert 1.6 < took < 5 and b" 408 " in heard and b"body" in heard
    counts = reached(server)
    assert (counts["header_time"], counts["body_time"]) == (2, 1) and not others(counts, "header_time", "body_time")
    assert len(server.log_lines("request refused", "did not arrive within 1 s")) == 2


def test_connections_that_nothing_comes_over_are_closed(serve, run):
    server = serve(recipes=TEST_RECIPES, arguments=("--idle-timeout", "1", "--join-timeout", "1", "--max-message", "16MiB"))

    async def story():
        ann = await Client(server.room("hall", "plaza"), "Ann").enter()
        # Kept alive after a request.
        kept = quiet(server, 1, b"GET /healthz HTTP/1.1\r\nHost: hearth\r\n\r\n")[0]
        began = time.monotonic()
        answer = await asyncio.to_thread(rest, kept)
        assert answer.startswith(b"HTTP/1.1 200") and 0.8 < time.monotonic() - began < 4
        # Never joins.
        socket_ = await connect(server.room("hall", "plaza"), proxy=None)
        bye = json.loads(await asyncio.wait_for(socket_.recv(), 5))
        assert (bye["type"], bye["code"], bye["reason"]) == ("bye", 4408, "no join in time")
        await socket_.wait_closed()
        assert socket_.close_code == 4408
        # Asks for megabytes and does not take them.
        for _ in range(4):
            await ann.send("say", {"text": "x" * (3 << 20)})
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(b"GET /rooms/hall/cells HTTP/1.1\r\nHost: hearth\r\n\r\n")
        await asyncio.to_thread(wait_for, lambda: server.log_lines("connection closed", "an answer was not taken"))
        deaf.close()
        # Who takes it slowly gets it whole.
        slow = socket.create_connection(("127.0.0.1", server.port))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        slow.sendall(b"GET /rooms/hall/cells HTTP/1.1\r\nHost: hearth\r\nConnection: close\r\n\r\n")
        size = 0
        while part := await asyncio.to_thread(slow.recv, 1 << 20):
            size += len(part)
            await asyncio.sleep(0.003)
        assert size > 12 << 20
        await ann.send("nothing")

    run(story())
    counts = reached(server)
    assert counts["join_time"] == 1 and counts["idle_time"] >= 2 and not others(counts, "join_time", "idle_time")
    assert server.log_lines("socket closed", "4408", "no join in time")


def test_messages_and_bodies_that_are_too_large_are_counted(serve):
    server = serve(recipes=TEST_RECIPES, arguments=("--max-message", "64KiB"))
    with Link(server.port, "/rooms/hall?recipe=plaza") as link:
        link.send(frame(TEXT, b'{"type":"join"}'))
        link.send(frame(TEXT, b'{"type":"event","id":1,"name":"say","data":{"text":"' + b"x" * 70_000))
        code, reason = link.closed()
        assert code == 1009 and b"65536" in reason
    status, _, body = ask(server, "/rooms", method="POST", body={"id": "x" * 70_000, "recipe": "plaza"})
    assert (status, body["error"]["code"]) == (413, "too_large")
    counts = reached(server)
    assert counts["message_bytes"] == 2 and not others(counts, "message_bytes")


def test_the_defaults_let_thousands_in_from_this_machine(serve, run):
    """1,200 sockets from one address, above what one of the internet may have, with a burst from each at once."""
    server = serve(recipes=TEST_RECIPES)

    async def story():
        gate = asyncio.Semaphore(200)

        async def one(n: int) -> Client:
            async with gate:
                client = await Client(server.room(f"hall{n % 50}", "plaza"), state="none").enter()
                client.keep_received = False
                return client

        crowd = await asyncio.gather(*[one(n) for n in range(1_200)])
        for client in crowd[:5]:
            await asyncio.gather(*[await client.start("nothing") for _ in range(300)])
        await asyncio.gather(*[client.close() for client in crowd])

    run(story(), 120)
    assert not others(reached(server))


def test_flags_say_what_they_take(serve, tmp_path):
    server = serve()
    help_ = server.run("serve", "--help").stdout
    for flag in (
        "--max-connections", "--max-connections-per-address", "--max-rate-per-session", "--max-rate-per-address", "--max-handshakes",
        "--max-rooms", "--max-rooms-awake", "--header-timeout", "--body-timeout", "--idle-timeout", "--join-timeout",
        "--tls-handshake-timeout", "--trusted-proxy", "--max-message",
    ):
        assert f"{flag} <" in help_, flag
    for flag, value, word in (
        ("--max-rooms", "-1", "0, no limit"), ("--header-timeout", "0", "seconds"), ("--trusted-proxy", "nginx", "10.0.0.0/8"),
        ("--max-rate-per-session", "fast", "fast"),
    ):
        failed = server.run("serve", str(server.recipes), f"{flag}={value}", "--port", "0", "--data", str(tmp_path / "other"))
        assert failed.returncode != 0 and flag in failed.stderr and word in failed.stderr, failed.stderr


def test_a_process_that_may_open_no_more_files_goes_on(serve, run, tmp_path, monkeypatch):
    few = tmp_path / "few-files"
    few.write_text(f'#!/bin/sh\nulimit -n 300\nexec "{binary()}" "$@"\n')
    few.chmod(0o755)
    monkeypatch.setenv("HEARTH_BIN", str(few))
    server = serve(recipes=TEST_RECIPES)
    silent = quiet(server, 250)

    async def enter_one() -> Client:
        return await Client(server.room("hall", "plaza"), "Ann").enter()

    async def story():
        ann = await enter_one()
        assert (await ann.send("say", {"text": "in"}))["result"] == 1
        head = await asyncio.to_thread(rest, silent[0])
        assert b" 503 " in head and b"too_many_connections" in head, "who says nothing makes place"
        # Those who have asked for something are not sent away for others.
        get = b"GET /healthz HTTP/1.1\r\nHost: hearth\r\n\r\n"
        kept, turned_away = [], 0
        for _ in range(220):
            link = await asyncio.to_thread(lambda: quiet(server, 1, get)[0])
            link.settimeout(5)
            try:
                said = await asyncio.to_thread(link.recv, 4_096)
            except ConnectionError:
                said = b""
            turned_away += not said
            kept += [link] if said.startswith(b"HTTP/1.1 200") else []
        assert 150 < len(kept) < 180 and len(kept) + turned_away == 220, (len(kept), turned_away)
        assert (await ann.send("say", {"text": "still in"}))["result"] == 2
        for link in kept:
            link.close()
        until = time.monotonic() + 10
        while True:
            try:
                bob = await enter_one()
                break
            except (OSError, WebSocketException):  # the server has not noticed yet that others have gone
                assert time.monotonic() < until
                await asyncio.sleep(0.05)
        assert bob.cells["log"] == ["in", "still in"]

    run(story())
    counts = reached(server)
    assert counts["handshakes"] >= 250 - 172 and counts["open_files"] >= 40, counts
    assert server.log_lines("connection refused", "no file is left", "ulimit -n")


def test_frames_without_a_message_count_as_well(serve):
    """Pings and pongs were free, and so were empty fragments: a client could keep the server busy with them for ever."""
    server = serve(recipes=TEST_RECIPES, arguments=("--max-rate-per-session", "10"))
    path = "/rooms/hall?recipe=plaza"
    with Link(server.port, path) as link:
        link.send(frame(TEXT, b'{"type":"join"}'))
        link.send(*[frame(PING, str(n).encode()) for n in range(100)])
        answered = 0
        for kind in (PING, PONG):
            link.send(*[frame(kind, b"x") for _ in range(100)])
        while True:
            kind, payload, _ = link.next()
            answered += kind == PONG
            if kind == CLOSE:
                assert int.from_bytes(payload[:2]) == 4429
                break
        assert 15 <= answered <= 30, "two seconds' worth"
    with Link(server.port, path) as link:
        link.send(frame(TEXT, b'{"type":"join"', fin=False), *[frame(MORE, b"", fin=False) for _ in range(65_000)])
        link.send(frame(MORE, b"}"))
        while json.loads(link.next()[1])["type"] != "joined":
            pass
        link.send(frame(TEXT, b"[", fin=False), *[frame(MORE, b"", fin=False) for _ in range(66_000)])
        code, reason = link.closed()
        assert code == 1009 and b"65536 empty" in reason
    counts = reached(server)
    assert counts["session_rate"] >= 100 and counts["message_bytes"] == 1


def test_nothing_stays_of_those_who_come_and_go(serve, run):
    """Connections that end in each of the ways there are: all that was counted for them is given back."""
    server = serve(recipes=TEST_RECIPES, arguments=("--max-connections-per-address", "40", "--max-handshakes", "30", "--threads", "2"))
    random = Random(seed := int(time.time()))
    print(f"seed {seed}")
    upgrade = "\r\n".join(["GET /rooms/hall?recipe=plaza HTTP/1.1", *(f"{name}: {value}" for name, value in STANDARD.items()), "", ""]).encode()
    ways = [
        b"", b"GET", b"GET /healthz HTTP/1.1\r\nHost: hearth\r\n\r\n", b"nonsense\r\n\r\n", upgrade, upgrade[:-2],
        upgrade + frame(TEXT, b'{"type":"join"}'), upgrade + frame(TEXT, b"nonsense"), upgrade + frame(TEXT, b"x", key=None),
        upgrade.replace(b"hall", b"x" * 200), b"POST /rooms HTTP/1.1\r\nHost: hearth\r\nContent-Length: 9\r\n\r\n{",
    ]
    begun = time.monotonic()
    links: list[socket.socket] = []
    while time.monotonic() < begun + 4:
        link = quiet(server, 1, random.choice(ways), f"127.0.0.{random.randrange(2, 6)}")[0]
        links.append(link)
        if len(links) > 100:
            link = links.pop(random.randrange(len(links)))
            if random.random() < 0.5:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # cut, not closed
            link.close()
    for link in links:
        link.close()
    wait_for(lambda: gauge(server, "connections_open") == 1 and gauge(server, "sockets_open") == 0, 20)
    assert gauge(server, "handshakes_pending") == 0

    async def all_places_are_free():
        for address in (ANN, BOB):
            await asyncio.gather(*[From(server.room("hall", "plaza"), address).enter() for _ in range(25)])

    run(all_places_are_free())


def anonymous_kb(server) -> int:
    """Memory of the server's process that is no file's."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


def test_a_crowd_that_vanishes_at_once_leaves_its_memory(serve, run):
    """Freed memory stayed with the threads that had freed it until the next crowd came, and with it what each socket left."""
    server = serve(recipes=TEST_RECIPES, arguments=("--session-ttl", "2"))

    async def vanish(count: int) -> int:
        gate = asyncio.Semaphore(50)

        async def enter(number: int) -> Client:
            async with gate:
                return await Client(server.room(f"hall{number // 50}", "ledger"), state=["total"]).enter()

        crowd = await asyncio.gather(*[enter(number) for number in range(count)])
        present = anonymous_kb(server)
        for client in crowd:
            client.drop()
        return present

    run(vanish(100))
    wait_for(lambda: gauge(server, "sessions") == 0, 20)
    before = anonymous_kb(server)
    present = run(vanish(800))
    wait_for(lambda: gauge(server, "sessions") == 0, 20)
    wait_for(lambda: anonymous_kb(server) - before < (present - before) / 8, 30)


@pytest.mark.parametrize("way", ["Upgrade:", "Upgrade: ,", "Upgrade: h2c", "late"])
def test_asking_for_an_upgrade_that_is_none_is_no_way_past_the_limits(serve, way):
    """An empty `Upgrade` field, or one in a second request, left a connection without its times and without its rate."""
    server = serve(arguments=("--idle-timeout", "1", "--max-rate-per-address", "20"))
    ask = b"GET /healthz HTTP/1.1\r\nHost: hearth\r\n\r\n"
    if way == "late":
        first = ask + ask.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
    else:
        first = ask.replace(b"\r\n\r\n", f"\r\n{way}\r\n\r\n".encode())
    with socket.create_connection(("127.0.0.1", server.port), timeout=8) as link:
        link.sendall(first)
        with link.makefile("rb") as stream:
            assert stream.read().count(b"HTTP/1.1 200") == first.count(b"GET")
    with socket.create_connection(("127.0.0.1", server.port), timeout=8, source_address=(EVE, 0)) as link:
        link.sendall(first)
        answers = b""
        try:
            link.sendall(ask * 200)
            while part := link.recv(65_536):
                answers += part
        except ConnectionError:
            pass
    # What follows a request for another protocol is not HTTP any more, and not read.
    assert way == "late" and answers.count(b"HTTP/1.1") == 2 or reached(server)["address_rate"] == 1


def test_a_further_question_does_not_let_an_answer_wait_for_ever(serve):
    """Whoever took no answer had only to ask once more, and the connection was kept for ever, with what it had not taken."""
    server = serve(arguments=("--idle-timeout", "1"))
    ask = b"GET /hearth.js HTTP/1.1\r\nHost: hearth\r\n\r\n"
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        link.connect(("127.0.0.1", server.port))
        link.sendall(ask * 400)
        until = time.monotonic() + 15
        while not server.log_lines("an answer was not taken") and time.monotonic() < until:
            try:
                link.sendall(ask)
            except ConnectionError:
                pass
            time.sleep(0.1)
        assert server.log_lines("connection closed", "an answer was not taken")
        assert reached(server)["idle_time"] == 1
