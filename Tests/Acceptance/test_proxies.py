"""The proxy examples of Docs/operations.md, each run as it stands there but for names, ports and certificates."""

import asyncio
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from server import ROOT, Server, free_port
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PROXIES = ("nginx", "caddy", "haproxy")


def found(name: str) -> str | None:
    """The proxy's program. Not installed by `make test`: as packages they begin to serve at once."""
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin")


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """Certificate, key, and both in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths = folder / "rooms.crt", folder / "rooms.key", folder / "rooms.pem"
    for path, text in zip(paths, (pem, secret, pem + secret)):
        path.write_bytes(text)
    return paths


def example(name: str) -> str:
    """The block of Docs/operations.md below the proxy's name."""
    page = (ROOT / "Docs/operations.md").read_text()
    return re.search(rf"^{name}:\n\n```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL | re.IGNORECASE).group(1)


class Proxy:
    def __init__(self, name: str, folder: Path, server: Server):
        self.port = free_port()
        self.crt, key, both = certificate(folder)
        text = example(name).replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
        path = folder / "proxy.conf"
        if name == "nginx":
            text = text.replace("listen 443", f"listen 127.0.0.1:{self.port}").replace("rooms.example.org", "localhost")
            text = text.replace("/etc/ssl/rooms.pem", str(self.crt)).replace("/etc/ssl/rooms.key", str(key))
            temporary = "\n".join(
                f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            text = f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {temporary}\n{text} }}"
            command = [found(name), "-c", str(path), "-p", str(folder)]
        elif name == "caddy":
            text = text.replace("rooms.example.org {", f"https://localhost:{self.port} {{\n    bind 127.0.0.1\n    tls {self.crt} {key}")
            text = f"{{\n    admin off\n    auto_https disable_redirects\n}}\n{text}"
            command = [found(name), "run", "--config", str(path), "--adapter", "caddyfile"]
        else:
            text = text.replace("bind :443", f"bind 127.0.0.1:{self.port}").replace("/etc/ssl/rooms.pem", str(both))
            command = [found(name), "-db", "-f", str(path)]
        path.write_text(text)
        self.log = (folder / "proxy.log").open("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
        self.trust = ssl.create_default_context(cafile=str(self.crt))
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                if self.get("/readyz") == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None and time.monotonic() < until, (folder / "proxy.log").read_text()
            time.sleep(0.05)

    def request(self, path: str, method="GET", body=None):
        return urllib.request.urlopen(urllib.request.Request(
            f"https://localhost:{self.port}{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"}), context=self.trust, timeout=10)

    def get(self, path: str) -> int:
        try:
            with self.request(path) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    async def enter(self, room: str, **fields):
        """A socket of a page of the proxy's own name, which has joined."""
        link = await connect(
            f"wss://localhost:{self.port}/rooms/{room}?recipe=chat", ssl=self.trust, proxy=None, subprotocols=["hearth.v1"],
            origin=f"https://localhost:{self.port}", local_addr=("127.0.0.2", 0))
        await link.send(json.dumps({"type": "join", **fields}))
        return link, json.loads(await link.recv())

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.skipif(not found(name), reason=f"{name} is not installed")) for name in PROXIES])
def test_people_chat_through(name, serve, run, tmp_path):
    server = serve(arguments=("--trusted-proxy", "127.0.0.1", "--heartbeat", "1"))
    proxy = Proxy(name, tmp_path, server)

    async def story():
        ann, joined = await proxy.enter("lobby", name="Ann")
        bob, _ = await proxy.enter("lobby", name="Bob")
        await ann.send(json.dumps({"type": "event", "id": 1, "name": "send", "data": {"text": "hello"}}))
        heard = json.loads(await bob.recv())
        while heard["type"] != "commit" or heard["event"] != "send":
            heard = json.loads(await bob.recv())
        await asyncio.sleep(1.2)  # pings go through
        await ann.send(json.dumps({"type": "ping", "at": 7}))
        while (heard := json.loads(await ann.recv()))["type"] != "pong":
            pass

        def by_http():
            with proxy.request("/rooms", "POST", {"id": "count", "recipe": "counter"}) as answer:
                assert answer.status == 201
            with proxy.request("/rooms/count/events", "POST", {"name": "increment"}) as answer:
                assert json.load(answer)["seq"] > 0
            for _ in range(5):
                assert proxy.get("/rooms/lobby/cells") == 200
            assert proxy.get("/rooms/nosuch") == 404

        await asyncio.to_thread(by_http)
        # The page's requests have gone before: its socket gets through all the same.
        await proxy.enter("lobby", name="Cid")
        server.process.terminate()
        bye = None
        try:
            async with asyncio.timeout(10):
                async for text in ann:
                    message = json.loads(text)
                    bye = message if message["type"] == "bye" else bye
        except ConnectionClosed:
            pass
        assert bye and bye["code"] == 1012 and bye["retry_after_ms"] > 0 and ann.close_code == 1012, (bye, ann.close_code)
        await asyncio.to_thread(server.process.wait, 10)
        server.start()
        until = time.monotonic() + 15
        while True:
            try:
                back, again = await proxy.enter("lobby", resume=joined["resume"], since=joined["seq"], epoch=joined["epoch"])
                break
            except Exception:  # the proxy answers for a server that is not back yet
                assert time.monotonic() < until
                await asyncio.sleep(0.1)
        assert again["resumed"] and again["session"] == joined["session"]
        await back.close()

    try:
        run(story(), 60)
    finally:
        proxy.stop()
        print(f"--- {name}\n" + (tmp_path / "proxy.log").read_text()[-3_000:])
    lines = server.log_lines("socket closed", "room=lobby")
    assert lines and all("remote=127.0.0.2 " in line for line in lines), "the proxy says where they came from"
