"""What whoever runs a server sees of it: metrics, closes, errors that can be found in the log, stops, backups."""

import asyncio
import http.client
import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import websockets
from client import Client, Refused
from party import Party
from prometheus_client.parser import text_string_to_metric_families
from server import Server
from websockets.asyncio.client import connect

COUNTER = "?recipe=counter"


def samples(server: Server) -> dict[tuple[str, tuple], float]:
    answer = server.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation and family.type != "unknown", family
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


def test_metrics_follow_what_happens(serve, run):
    server = serve(arguments=("--session-ttl", "1"))
    before = samples(server)

    async def story():
        ann = await Client(server.room("a", "counter"), "Ann").enter()
        for _ in range(25):
            await ann.send("increment")
        with pytest.raises(Refused):
            await ann.send("nosuch")
        with pytest.raises(websockets.InvalidStatus):
            await Client(server.room("nosuch")).enter()
        open_now = samples(server)
        await ann.close()
        return open_now

    now = run(story())
    after = samples(server)

    def grown(name: str, **labels) -> float:
        key = (f"hearth_{name}", tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert now[("hearth_sockets_open", ())] == 1 and after[("hearth_sockets_open", ())] == 0
    assert now[("hearth_sessions", ())] == 1 and now[("hearth_rooms_awake", ())] == 1
    assert grown("events_total") == 26 and grown("events_failed_total") == 1
    assert grown("commits_total") >= 25
    assert grown("event_seconds_count") == 26 and grown("event_seconds_bucket", le="+Inf") == 26
    assert 0 < grown("event_seconds_sum") < 60
    assert grown("run_seconds_count") >= 26 and grown("commit_seconds_count") > 0 and grown("fsync_seconds_count") > 0
    assert grown("recipe_runs_total", recipe="counter") >= 25
    assert grown("recipe_instructions_total", recipe="counter") > 0
    assert after[("hearth_recipe_memory_bytes", (("recipe", "counter"),))] > 0
    assert grown("closes_total", code="1000") == 1
    assert grown("errors_total", code="unknown_event") == 1
    assert grown("refusals_total", code="room_not_found") == 1
    buckets = [value for (name, _), value in after.items() if name == "hearth_event_seconds_bucket"]
    assert buckets == sorted(buckets), "a histogram's buckets hold all that is below"
    server.restart()
    again = samples(server)
    assert again[("hearth_rooms_awake", ())] + again[("hearth_rooms_asleep", ())] == 1


def test_why_closed_is_told_by_the_server_and_by_its_folder(serve, run):
    server = serve()

    async def story():
        ann = await Client(server.room("a", "counter"), "Ann").enter()
        session, trace = ann.joined["session"], ann.joined["trace"]
        await ann.close()
        again = await Client(server.room("a"), "Ann").enter()
        other = again.joined["session"]
        for _ in range(11):
            await again.socket.send("nonsense")
        await again.until(lambda: again.closed)
        stranger = await connect(server.room("a"), proxy=None)
        await stranger.send('{"type": "event"}')
        lost = json.loads(await stranger.recv())["trace"]
        await stranger.close(3999)
        return session, trace, other, lost

    session, trace, other, lost = run(story())

    def ask(name: str, *arguments: str) -> list[dict]:
        answer = server.run("why-closed", name, "--json", *arguments)
        assert answer.returncode == 0, answer.stderr
        return [json.loads(line) for line in answer.stdout.splitlines()]

    for source in [("--server", server.http), ("--data", str(server.data))]:
        (close,) = ask(session, *source)
        assert (close["code"], close["room"], close["trace"]) == (1000, "a", trace)
        assert ask(trace, *source) == [close]
        assert ask(other, *source)[0]["code"] == 4400
        assert ask(lost, *source)[0]["code"] == 3999
    text = server.run("why-closed", other, "--data", str(server.data)).stdout
    assert "4400" in text and "too many bad messages" in text and "room a" in text
    server.stop()
    assert ask(session, "--data", str(server.data))[0]["code"] == 1000
    unknown = server.run("why-closed", "nobody", "--data", str(server.data))
    assert unknown.returncode == 1 and "nobody" in unknown.stderr and "Traceback" not in unknown.stderr
    assert "127.0.0.1" not in json.dumps(server.run("why-closed", session, "--server", "http://127.0.0.1:1").stdout)


def test_every_error_has_a_trace_that_stands_in_the_log(serve, run):
    server = serve(arguments=("--log-format", "json"))
    traces = []
    for path in ["/nothing", "/rooms/nothing", "/rooms?limit=0", "/recipes/nothing", "/rooms/%zz", "/parties/a/b", "/r/x/y"]:
        answer = server.get(path)
        assert 400 <= answer.status < 500
        traces.append(answer.json["error"]["trace"])

    async def story():
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(server.room("nothing"), proxy=None)
        traces.append(json.loads(refused.value.response.body)["error"]["trace"])
        ann = await Client(server.room("a", "counter"), "Ann").enter()
        own = ann.joined["trace"]
        with pytest.raises(Refused):
            await ann.send("nosuch")
        for text in ["{", '{"type":"answer","ask":"x","data":1}', '{"type":"set","cell":"x","value":1}', '{"type":"join"}']:
            await ann.socket.send(text)
        await ann.post({"type": "event", "id": 99, "name": "increment"})
        await ann.until(lambda: len(list(ann.of("error"))) == 6)
        assert {error["trace"] for error in ann.of("error")} == {own}
        traces.append(own)
        await ann.close()
        early = await connect(server.room("a"), proxy=None)
        await early.send('{"type":"leave"}')
        traces.append(json.loads(await early.recv())["trace"])
        await early.close()
        raw = await Party(server, "form").open()
        await raw.say("{")
        await raw.until(lambda: raw.of("error"))
        traces.append(raw.of("error")[0]["trace"])
        await raw.close()

    run(story())
    lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    logged = {line.get("trace") for line in lines}
    assert len(set(traces)) == len(traces) and set(traces) <= logged


def test_readyz_says_no_before_anybody_is_sent_away(serve, run):
    server = serve(arguments=("--drain-delay", "2"))

    async def story():
        ann = await Client(server.room("a", "counter"), "Ann").enter()
        server.process.send_signal(signal.SIGTERM)
        while server.get("/readyz").status == 200:
            await asyncio.sleep(0.02)
        answer = server.get("/readyz")
        assert answer.status == 503 and answer.json["error"]["code"] == "shutting_down"
        assert server.get("/healthz").status == 200
        await ann.send("increment")
        newcomer = await Client(server.room("a"), "Bob").enter()
        await newcomer.until(lambda: newcomer.closed)
        assert newcomer.closed[0] == 1012
        server.process.wait(10)

    run(story())


def test_a_rolling_restart_loses_no_event_and_everybody_is_back_within_two_seconds(serve, run):
    server = serve()
    away: list[float] = []
    told: list[int] = []
    acked = 0

    async def come_back(client: Client) -> None:
        began = time.monotonic()
        bye = next(client.of("bye"), None)
        assert client.closed[0] == 1012 and bye, "told why, and when to come back"
        told.append(bye["retry_after_ms"])
        client.received = [message for message in client.received if message is not bye]
        await asyncio.sleep(bye["retry_after_ms"] / 1000)
        while True:
            try:
                await client.enter()
                break
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(0.1)
        away.append(time.monotonic() - began)
        assert client.joined["resumed"]

    async def live(number: int, until: asyncio.Event) -> None:
        nonlocal acked
        client = await Client(server.room(f"room{number % 4}", "counter"), f"n{number}").enter()
        while not until.is_set():
            answer = await client.start("increment")
            while not answer.done():
                if client.closed:
                    await come_back(client)
                client.news.clear()
                try:
                    await asyncio.wait_for(asyncio.shield(answer), 0.1)
                except TimeoutError:
                    pass
            answer.result()
            acked += 1
        await client.close()

    async def story():
        until = asyncio.Event()
        clients = [asyncio.create_task(live(number, until)) for number in range(20)]
        await asyncio.sleep(1)
        for _ in range(2):
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            await asyncio.sleep(1.5)
        until.set()
        await asyncio.gather(*clients)

    run(story(), 60)
    assert len(away) == 40 and max(away) < 2, sorted(away)
    assert len(set(told)) > 10 and max(told) <= 1_000, "not everybody at once"
    assert sum(server.cells(f"room{number}")["count"] for number in range(4)) == acked


def test_a_backup_is_taken_while_the_server_runs_and_restored(serve, run, tmp_path):
    server = serve()
    copy = tmp_path / "copy.db"

    async def story():
        ann = await Client(server.room("a", "counter"), "Ann").enter()
        for _ in range(20):
            await ann.send("increment")

        async def go_on():
            while not copy.exists():
                await ann.send("increment")

        backup = asyncio.to_thread(server.run, "backup", str(copy), "--data", str(server.data))
        answer, _ = await asyncio.gather(backup, go_on())
        assert answer.returncode == 0, answer.stderr
        await ann.send("increment")
        await ann.close()

    run(story())
    again = server.run("backup", str(copy), "--data", str(server.data))
    assert again.returncode == 1 and "already" in again.stderr
    restored = tmp_path / "restored"
    restored.mkdir()
    copy.rename(restored / "hearth.db")
    verified = server.run("verify", "--data", str(restored))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    second = serve(data=restored)
    assert 20 <= second.cells("a")["count"] < server.cells("a")["count"]


def test_what_is_for_whoever_runs_the_server_is_not_for_everybody_who_reaches_its_port(serve):
    """Without --auth anybody could reload recipes, take back versions and read why others were closed."""
    server = serve()
    calls = (("POST", "/recipes/counter/reload"), ("POST", "/recipes/counter/rollback"), ("GET", "/closings?session=x"))

    def ask(method: str, path: str, **fields) -> tuple[int, dict]:
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        link.request(method, path, headers={name.replace("_", "-"): value for name, value in fields.items()})
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())

    for method, path in calls:
        assert ask(method, path)[0] in (200, 409), "from the machine itself"
        assert ask(method, path, Host=f"localhost:{server.port}")[0] in (200, 409)
        for fields in (
            {"X_Forwarded_For": "203.0.113.7"}, {"Forwarded": "for=203.0.113.7"}, {"Via": "1.1 proxy"}, {"Host": "rebound.example.org"},
        ):
            status, body = ask(method, path, **fields)
            assert (status, body["error"]["code"]) == (403, "forbidden") and "--auth-key" in body["error"]["message"], (path, fields)
    assert ask("GET", "/rooms", X_Forwarded_For="203.0.113.7")[0] == 200
