"""TLS clients that mean harm: what they can make the server hold and compute is bounded, and others notice nothing."""

import os
import signal
import socket
import ssl
import struct
import threading
import time

import pytest
from raw import STANDARD
from rawtls import Client, Workshop
from records import ALERT, CHANGE, CLOSE_NOTIFY, DATA, HANDSHAKE, PLAIN_MAX, message, record, split
from secure import SecureServer, make_pair
from server import Server

VERSIONS = ("1.2", "1.3")
UPGRADE = "\r\n".join(
    ["GET /test/echo HTTP/1.1", *(f"{name}: {value}" for name, value in STANDARD.items()), "", ""]).encode()
#: A binary message of a megabyte begins, masked with zeros.
LONG_FRAME = b"\x82\xff" + struct.pack(">Q", 1 << 20) + bytes(4)


def made(folder, *arguments: str) -> SecureServer:
    certificate, key = make_pair(folder)
    server = SecureServer(folder, arguments=("--tls-cert", str(certificate), "--tls-key", str(key), "--test-echo", *arguments))
    server.certificate = str(certificate)
    return server.start()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server for all whom it has to survive."""
    server = made(tmp_path_factory.mktemp("shared"))
    yield server
    server.stop()
    print(server.tail())


@pytest.fixture
def secure(tmp_path):
    servers = []

    def start(*arguments: str) -> SecureServer:
        servers.append(made(tmp_path, *arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
        print(server.tail())


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path, "test")


class Hostile:
    """A connection whose handshake is over, and whose records we make ourselves."""

    def __init__(self, server, workshop, version: str):
        self.link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.port = self.link.getsockname()[1]
        self.client = Client(workshop, version, False)
        while True:
            self.link.sendall(self.client.advance())
            if self.client.is_open:
                break
            self.client.take(self.link.recv(65_536))
        self.seal = self.client.seal()

    def open_socket(self) -> None:
        self.say(UPGRADE)
        while not self.client.plain:
            self.client.take(self.link.recv(65_536))
        assert self.client.plain.startswith(b"HTTP/1.1 101")

    def say(self, *parts: bytes) -> None:
        """Sends data in records of its own; nothing is said of a server that is gone."""
        try:
            self.link.sendall(b"".join(self.seal.record(DATA, part) for part in parts))
        except OSError:
            pass

    def send(self, *records: bytes) -> None:
        try:
            for one in records:
                self.link.sendall(one)
        except OSError:
            pass

    def read(self) -> bytes:
        """Everything until the server ends the connection; the beginning of it in plain."""
        try:
            while part := self.link.recv(65_536):
                self.client.take(part)
        except ConnectionError:
            pass
        return self.client.plain

    def renewed(self, asks: int) -> bytes:
        update = self.seal.record(HANDSHAKE, message(24, bytes([asks])))
        self.seal.renew()
        return update


def resident(server) -> int:
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ends(link: socket.socket) -> bool:
    link.settimeout(10)
    try:
        while link.recv(65_536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("version", VERSIONS)
def test_records_made_by_hand_are_understood(shared, workshop, version):
    """The tools of this file do what they are meant to, or its other tests would show nothing."""
    hostile = Hostile(shared, workshop, version)
    hostile.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"Connection: close\r\n\r\n")
    hostile.send(hostile.seal.record(ALERT, CLOSE_NOTIFY))
    assert hostile.read().startswith(b"HTTP/1.1 200")


def test_half_open_handshakes_hold_little_and_have_their_time(secure):
    """Nine bytes that announce a ClientHello of 131,000 made OpenSSL take as much for each: 95 MB for a thousand."""
    server = secure("--tls-handshake-timeout", "1")
    announced = record(HANDSHAKE, message(1, b"\x03\x03", 131_000))
    begun = record(HANDSHAKE, message(1, bytes(12_000), 16_000))
    for data in (b"", record(HANDSHAKE, b"\x01"), begun, announced, b"".join(record(HANDSHAKE, bytes([byte])) for byte in announced[5:])):
        before = resident(server)
        links = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        for link in links:
            link.sendall(data)
        assert server.get("/healthz").status == 200
        assert resident(server) - before < 300 * 80 * 1024
        assert all(map(ends, links))
    assert server.log_lines("a ClientHello of 131000 bytes, more than 16384")
    assert server.log_lines("no TLS handshake within 1000 ms")


#: Records that the client sends before the handshake is over: a ClientHello, in TLS 1.2 its key, and two that end it.
@pytest.mark.parametrize(("version", "records"), [("1.2", 4), ("1.3", 3)])
def test_a_handshake_may_stop_anywhere_and_is_ended(secure, workshop, version, records):
    server = secure("--tls-handshake-timeout", "1")
    links = []
    for stop in range(1, records):
        link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        client, sent = Client(workshop, version, False), 0
        while sent < stop:
            for one in split(client.advance())[:stop - sent]:
                link.sendall(one)
                sent += 1
            if sent < stop:
                client.take(link.recv(65_536))
        links.append(link)
    for link in links:
        assert ends(link)
        assert server.log_lines(f"remote=127.0.0.1:{link.getsockname()[1]}", "no TLS handshake within 1000 ms")


def test_connections_without_a_request_do_not_hold_up_the_end(secure, workshop, tmp_path):
    """A server that was told to stop waited for the first request of every connection, up to its own time."""
    for server in (secure(), Server(tmp_path / "plain", arguments=("--test-echo",)).start()):
        idle = socket.create_connection(("127.0.0.1", server.port))
        links = [idle]
        if isinstance(server, SecureServer):
            links.append(Hostile(server, workshop, "1.3").link)
        assert server.get("/healthz").status == 200
        begun = time.monotonic()
        server.process.terminate()
        server.process.wait(15)
        assert time.monotonic() - begun < 4
        assert all(map(ends, links))


FLOODS = {
    "new keys": ("1.3", lambda one: [one.renewed(0) for _ in range(5_000)], "too many new keys"),
    "new keys on both sides": ("1.3", lambda one: [one.renewed(1) for _ in range(5_000)], "too many new keys"),
    "renegotiation": ("1.2", lambda one: [one.seal.record(HANDSHAKE, message(1, b"\x03\x03" + bytes(38))) for _ in range(5_000)],
                      "too many new keys"),
    "warnings": ("1.3", lambda one: [one.seal.record(ALERT, b"\x01\x5a") for _ in range(50)], "alert"),
    "empty records, 1.2": ("1.2", lambda one: [one.seal.record(DATA, b"") for _ in range(5_000)], "record"),
    "empty records, 1.3": ("1.3", lambda one: [one.seal.record(DATA, b"") for _ in range(5_000)], "record"),
    "a record of one byte too many": ("1.3", lambda one: [one.seal.record(DATA, bytes(PLAIN_MAX + 1))], "data length too long"),
    "a record of one byte too many, 1.2": ("1.2", lambda one: [one.seal.record(DATA, bytes(PLAIN_MAX + 1))], "data length too long"),
    "a certificate of 16 MB": ("1.3", lambda one: [one.seal.record(HANDSHAKE, message(11, bytes(16_000), (1 << 24) - 1))] * 2, "unexpected"),
    "a record in plain": ("1.3", lambda one: [record(HANDSHAKE, message(1, bytes(40)))], "record"),
    "a change of ciphers": ("1.2", lambda one: [record(CHANGE, b"\x01")] * 40, ""),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_ends_its_connection_with_a_reason(shared, workshop, flood):
    version, make, cause = FLOODS[flood]
    hostile = Hostile(shared, workshop, version)
    hostile.open_socket()
    hostile.send(*make(hostile))
    hostile.read()
    assert shared.log_lines("socket closed", f"remote=127.0.0.1:{hostile.port}", cause), shared.tail()
    assert shared.get("/healthz").status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_many_tiny_records_cost_little(shared, workshop, version):
    """A byte in a record of its own takes an optimised server less than a microsecond: a hundred thousand are no attack."""
    hostile = Hostile(shared, workshop, version)
    hostile.open_socket()
    before = processor(shared)
    hostile.say(LONG_FRAME, *(b"x" for _ in range(100_000)))
    assert shared.get("/healthz").status == 200
    assert processor(shared) - before < 2
    hostile.link.close()


def processor(server) -> float:
    with open(f"/proc/{server.process.pid}/stat") as stat:
        return sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def test_large_answers_that_are_not_taken_or_cut_off_leave_nothing(secure, workshop):
    server = secure("--idle-timeout", "3")
    ask = b"GET /hearth.js HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    before = resident(server)
    hostiles = []
    for _ in range(20):
        hostile = Hostile(server, workshop, "1.3")
        hostile.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        hostile.say(*[ask] * 20)
        hostiles.append(hostile)
    assert server.get("/healthz").status == 200
    assert resident(server) - before < 20 * 10 * 1024 * 1024
    # A third is reset, a third ends without close_notify, a third is waited for.
    for at, hostile in enumerate(hostiles):
        if at % 3 == 0:
            hostile.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            hostile.link.close()
        elif at % 3 == 1:
            hostile.link.close()
    until = time.monotonic() + 20
    while "hearth_connections_open 1\n" not in server.get("/metrics").text:
        assert time.monotonic() < until, server.get("/metrics").text
        time.sleep(0.2)
    assert server.log_lines("an answer was not taken")


def test_handshakes_under_way_survive_new_certificates(secure, tmp_path):
    server = secure()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    problems, done, shaken = [], threading.Event(), [0]

    def shake() -> None:
        while not done.is_set():
            try:
                with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
                    with context.wrap_socket(plain) as link:
                        link.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        assert link.recv(100).startswith(b"HTTP/1.1 200")
                        shaken[0] += 1
            except Exception as error:
                problems.append(repr(error))

    threads = [threading.Thread(target=shake) for _ in range(4)]
    for thread in threads:
        thread.start()
    for name in range(4):
        make_pair(tmp_path, f"name{name}")
        server.process.send_signal(signal.SIGHUP)
        read = len(server.log_lines("certificate read again"))
        until = time.monotonic() + 5
        while len(server.log_lines("certificate read again")) == read and time.monotonic() < until:
            time.sleep(0.02)
    done.set()
    for thread in threads:
        thread.join()
    assert not problems and shaken[0] > 4, problems[:3]
