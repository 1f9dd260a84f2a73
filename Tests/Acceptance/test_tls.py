"""TLS with clients that are not ours: curl, openssl s_client, Python's ssl, websockets and aiohttp, and Chromium."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import time

import aiohttp
import pytest
from client import Client
from playwright.async_api import async_playwright
from secure import SecureServer, make_pair
from server import chromium
from websockets.asyncio.client import connect


@pytest.fixture
def secure(tmp_path):
    servers = []

    def start(*arguments: str) -> SecureServer:
        certificate, key = make_pair(tmp_path)
        server = SecureServer(tmp_path, arguments=("--tls-cert", str(certificate), "--tls-key", str(key), *arguments))
        server.certificate = str(certificate)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()
        print(server.tail())


def test_curl_gets_through_with_each_version_and_alpn(secure):
    server = secure()
    for version in ("1.2", "1.3"):
        ran = subprocess.run(
            ["curl", "-sv", "--cacert", server.certificate, f"--tlsv{version}", "--tls-max", version, server.http + "/healthz"],
            capture_output=True, text=True)
        assert ran.returncode == 0 and '"ok"' in ran.stdout, ran.stderr
        assert f"TLSv{version}" in ran.stderr and "http/1.1" in ran.stderr
    plain = subprocess.run(["curl", "-s", f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True)
    assert json.loads(plain.stdout)["error"]["code"] == "tls_required"
    assert server.log_lines("plain HTTP on the TLS port", "remote=127.0.0.1")


def test_openssl_gets_in_with_what_is_modern_only(secure):
    server = secure()
    for arguments in (("-tls1_2",), ("-tls1_3",), ("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"), ("-noservername",)):
        said = server.speak(*arguments)
        assert "Verify return code: 0" in said and "Cipher is (NONE)" not in said, said
    for arguments in (
        ("-tls1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1_2", "-cipher", "AES128-SHA"),
        ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"), ("-tls1_2", "-cipher", "DHE"), ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
        ("-alpn", "h2"),
    ):
        said = server.speak(*arguments)
        assert "Cipher is (NONE)" in said and "alert" in said, (arguments, said)
    assert "no renegotiation" in server.speak("-tls1_2", say="R\n", wait=0.5).lower()
    assert "Early data was not sent" in server.speak("-tls1_3") and server.get("/healthz").status == 200
    assert server.log_lines("the TLS handshake failed")


def test_a_session_can_be_taken_up_by_ticket(secure, tmp_path):
    server = secure()
    kept = str(tmp_path / "session")
    for version in ("-tls1_2", "-tls1_3"):
        server.speak(version, "-sess_out", kept, say="GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", wait=0.3)
        assert "Reused" in server.speak(version, "-sess_in", kept)


def test_python_takes_its_leave_and_is_let_go(secure):
    server = secure()
    request = b"GET /rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        # suppress_ragged_eofs off: an end without close_notify would be an error here.
        with server.context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as secured:
            secured.sendall(request)
            answer = b""
            while part := secured.recv(4096):
                answer += part
            assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"}")
            secured.unwrap()
    # A request and the end of the client's side at once: answered all the same.
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = server.context
        context.minimum_version = context.maximum_version = version
        inbound, outbound = ssl.MemoryBIO(), ssl.MemoryBIO()
        half = context.wrap_bio(inbound, outbound, server_hostname="localhost")
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.settimeout(10)
            while True:
                try:
                    half.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    plain.sendall(outbound.read())
                    inbound.write(plain.recv(65536))
            half.write(request.replace(b"/rooms", b"/healthz"))
            with pytest.raises(ssl.SSLWantReadError):
                half.unwrap()
            plain.sendall(outbound.read())
            while part := plain.recv(65536):
                inbound.write(part)
            inbound.write_eof()
        if version == ssl.TLSVersion.TLSv1_3:
            continue
    assert not server.log_lines("error")


def test_websockets_and_aiohttp_share_a_room_over_wss(secure, run):
    server = secure()

    async def story():
        async with aiohttp.ClientSession() as session:
            other = await session.ws_connect(server.room("kitchen", "chat"), ssl=server.context, protocols=("hearth.v1",))
            await other.send_json({"type": "join", "name": "Bob"})
            assert (await other.receive_json())["type"] == "joined"
            async with connect(server.room("kitchen", "chat"), ssl=server.context, proxy=None) as mine:
                await mine.send(json.dumps({"type": "join", "name": "Ann"}))
                for id in range(1, 101):
                    await mine.send(json.dumps({"type": "event", "id": id, "name": "send", "data": {"text": "x" * 900}}))
                heard = 0
                while heard < 100:
                    message = await other.receive_json()
                    heard += message["type"] == "commit" and message.get("event") == "send"
            await other.close()
            assert other.close_code == 1000
            async with session.get(server.http + "/rooms/kitchen/cells", ssl=server.context) as answer:
                assert len((await answer.json())["cells"]["messages"]) == 100

    run(story())
    assert not server.log_lines("without TLS close_notify")


def test_a_connection_that_is_cut_off_is_known_to_be(secure, run):
    server = secure()

    async def story():
        socket = await connect(server.room("kitchen", "chat"), ssl=server.context, proxy=None)
        await socket.send(json.dumps({"type": "join"}))
        await socket.recv()
        os.dup2(os.open("/dev/null", os.O_RDONLY), socket.transport.get_extra_info("socket").fileno())
        while not server.log_lines("socket closed", "without TLS close_notify"):
            await asyncio.sleep(0.05)

    run(story())


def test_a_handshake_has_its_time_and_garbage_ends_it(secure):
    server = secure("--tls-handshake-timeout", "1")
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.settimeout(10)
        slow.sendall(b"\x16\x03\x01")
        assert slow.recv(100) == b"" and 0.8 < time.monotonic() - begun < 4
    assert server.log_lines("connection refused", "no TLS handshake within 1000 ms")
    assert 'hearth_limits_reached_total{limit="tls_handshake_time"} 1' in server.get("/metrics").text
    for garbage in (b"\x00" * 100, b"\xff" * 5_000, b"\x16\x03\x01\xff\xff" + b"A" * 70_000, b"SSH-2.0-x\r\n"):
        with socket.create_connection(("127.0.0.1", server.port)) as other:
            other.settimeout(10)
            try:
                other.sendall(garbage)
                while other.recv(1_000):
                    pass
            except ConnectionError:
                pass
    assert "hearth_tls_failed_total 5" in server.get("/metrics").text


def seen_certificate(server) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        with context.wrap_socket(plain) as secured:
            return secured.getpeercert(True)


def test_a_new_certificate_is_shown_and_nobody_is_dropped(secure, run, tmp_path):
    server = secure()
    first = seen_certificate(server)

    async def story():
        async with connect(server.room("c", "counter"), ssl=server.context, proxy=None) as mine:
            await mine.send(json.dumps({"type": "join"}))
            (tmp_path / "cert.pem").write_text("no certificate")
            server.process.send_signal(signal.SIGHUP)
            while not server.log_lines("certificate not read; the old one stays"):
                await asyncio.sleep(0.05)
            assert seen_certificate(server) == first
            make_pair(tmp_path, "new")
            while seen_certificate(server) == first:
                await asyncio.sleep(0.1)
            await mine.send(json.dumps({"type": "event", "id": 1, "name": "increment"}))
            while json.loads(await mine.recv())["type"] != "ack":
                pass

    run(story())
    assert server.log_lines("certificate read again", "valid_until")


def test_a_slow_reader_over_tls_holds_nobody_up_and_is_not_lost(secure, run):
    server = secure("--max-lag", "64KiB")

    async def story():
        slow = await connect(server.room("kitchen", "chat"), ssl=server.context, proxy=None, max_queue=1, max_size=None, compression=None)
        await slow.send(json.dumps({"type": "join"}))
        await slow.recv()
        slow.transport.pause_reading()
        async with connect(server.room("kitchen", "chat"), ssl=server.context, proxy=None, max_size=None) as mine:
            await mine.send(json.dumps({"type": "join"}))
            acks = 0
            for id in range(1, 6_001):
                await mine.send(json.dumps({"type": "event", "id": id, "name": "send", "data": {"text": "x" * 900}}))
                if id % 100 == 0:
                    while acks < id:
                        acks += json.loads(await mine.recv())["type"] == "ack"
        slow.transport.resume_reading()
        while True:
            message = json.loads(await slow.recv())
            if message["type"] == "sync_response" and message["cells"]["count"] >= 6_000:
                break
        await slow.close()

    run(story(), 120)


def test_chromium_enters_a_room_over_wss(secure, run):
    server = secure()

    async def story():
        async with async_playwright() as player:
            browser = await player.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            context = await browser.new_context(ignore_https_errors=True)
            page = await context.new_page()
            await page.goto(server.http + "/")
            joined = await page.evaluate("""async () => {
              const { connect } = await import("/hearth.js");
              const room = connect({ room: "kitchen", recipe: "chat", name: "Ann" });
              await room.ready;
              await room.send("send", { text: "hi" });
              return [location.protocol, room.cells.messages.at(-1).text];
            }""")
            assert joined == ["https:", "hi"]
            await browser.close()

    run(story())
