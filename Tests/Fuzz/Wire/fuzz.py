"""Mutated handshakes, frames, JSON, compression and TLS records against whole servers over real sockets.

    fuzz.py --seconds 3600 [--only plain|tls] [--seed N] [--case N]

HEARTH_BIN names the binary; built with address sanitizer it finds more. Every connection must end by itself once the
client has ended its side, or be answered; the servers must go on serving, say why connections ended, take no more memory,
and log no fault. The last lines say what was done. `--case` runs one case alone and shows it.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass

from cases import Case, Path, TEXT, frame
from tls import TLSCase, Workshop
from watch import Watch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Acceptance"))
from raw import Link  # noqa: E402
from secure import SecureServer, make_pair  # noqa: E402
from server import TEST_RECIPES, Server  # noqa: E402

#: A server waits 5 s for the peer's end at most, and 10 s for a request's head.
PATIENCE_SECONDS = 30
ARGUMENTS = ("--test-echo", "--session-ttl", "3", "--max-message", "64KiB", "--header-timeout", "10", "--log-level", "debug")


@dataclass
class Outcome:
    """What became of a connection."""

    #: The first bytes of it.
    answer: bytes
    bytes_sent: int
    #: False: it had to end, and did not.
    has_ended: bool
    story: list[str]
    #: By the server, and not by a client that did not want to wait for an answer.
    is_servers_end: bool


class Fuzz:
    """Connections over plain TCP."""

    name = "plain"
    clients = 4

    def __init__(self, folder: Path, seed: int):
        self.seed = seed
        self.folder = folder
        self.server = self.made(folder)
        self.findings: list[str] = []
        self.watch = Watch(self.server, self.findings)
        self.lock = threading.Lock()
        self.number = 0
        self.bytes_sent = 0
        self.statuses: dict[str, int] = {}

    def made(self, folder: Path) -> Server:
        return Server(folder, recipes=TEST_RECIPES, arguments=ARGUMENTS)

    def run(self, seconds: float) -> None:
        try:
            self.server.start()
            self.attack(seconds)
        except Exception:
            self.findings.append(traceback.format_exc())
        finally:
            self.server.stop()
        if self.server.process.returncode != 0:
            self.findings.append(f"the server ended with {self.server.process.returncode}:\n{self.server.tail()}")
        self.watch.read_log("its end")
        self.watch.judge_reasons(time.monotonic() + 1)

    def attack(self, seconds: float) -> None:
        began = time.monotonic()
        self.until = began + seconds
        threads = [threading.Thread(target=self.work, args=(index,), daemon=True) for index in range(self.clients)]
        for thread in threads:
            thread.start()
        told = began
        while time.monotonic() < self.until and not self.findings:
            time.sleep(min(2, max(0.1, seconds / 20)))
            self.watch.look(f"case {self.number}")
            if time.monotonic() > told + 60:
                told += 60
                print(f"{self.name} {(told - began) / 60:.0f} min: {self.number} connections, {self.watch.resident[-1][1] >> 20} MiB, "
                      f"{self.watch.processor:.0f} s of the processor", flush=True)
        self.until = 0
        for thread in threads:
            thread.join(PATIENCE_SECONDS + 5)
            if thread.is_alive():
                self.findings.append("a client hangs")
        self.honest()
        self.watch.judge_memory()

    def work(self, index: int) -> None:
        while time.monotonic() < self.until and not self.findings:
            with self.lock:
                number = self.number
                self.number += 1
            try:
                self.one(number, index)
            except Exception:
                self.findings.append(f"case {number}: {traceback.format_exc()}")
            if number % 200 == 0:
                self.honest()
            if number % 2_000 == 100:
                self.honest_tools()

    def one(self, number: int, index: int) -> list[str]:
        """What was done, in words."""
        began = time.monotonic()
        try:
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_SECONDS) as link:
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                port = link.getsockname()[1]
                outcome = self.play(number, link, index)
        except OSError as error:
            self.findings.append(f"case {number}: no connection: {error}")
            return []
        what = f"{self.name} case {number}: {'; '.join(outcome.story)}"
        if not outcome.has_ended:
            self.findings.append(f"no end within {PATIENCE_SECONDS} s of {what}")
        status = outcome.answer[9:12].decode("latin-1") or "none"
        with self.lock:
            if status in ("none", "101") and outcome.is_servers_end:
                self.watch.unexplained.append((port, began, time.monotonic(), what))
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.bytes_sent += outcome.bytes_sent
        return outcome.story

    def play(self, number: int, link: socket.socket, index: int) -> Outcome:
        pieces, ends = Case(self.seed, number).parts()
        answer = b""
        story = [f"{len(pieces)} pieces, {'then the client ends its side' if ends else 'then it waits'}"]
        sent = sum(map(len, pieces))
        try:
            for piece in pieces:
                link.sendall(piece)
            if ends:
                link.shutdown(socket.SHUT_WR)
            else:
                link.settimeout(0.2)
            while part := link.recv(65_536):
                answer = (answer + part)[:64] if len(answer) < 64 else answer
        except TimeoutError:
            return Outcome(answer, sent, not ends, story, False)
        except OSError:
            pass  # reset: the server was gone before everything was sent
        return Outcome(answer, sent, True, story, True)

    def honest(self) -> None:
        """Somebody who does everything right is served as ever."""
        try:
            with Link(self.server.port, "/rooms/honest?recipe=faulty", secure=self.context) as link:
                assert link.status == 101, link.status
                link.send(frame(TEXT, b'{"type":"join"}'), frame(TEXT, b'{"type":"event","id":1,"name":"fine"}'))
                while json.loads(link.next()[1])["type"] != "ack":
                    pass
        except Exception as error:
            self.findings.append(f"an honest client was not served: {error!r}")

    context = None

    def honest_tools(self) -> None:
        pass

    @property
    def text(self) -> str:
        return f"{self.name}: {self.number} connections, {self.bytes_sent >> 10} KiB sent, answers {self.statuses}; {self.watch.text}"


class SecureFuzz(Fuzz):
    """The same over TLS, and TLS itself."""

    name = "tls"
    #: More, since many wait for the end of a handshake's time.
    clients = 8

    def made(self, folder: Path) -> Server:
        certificate, key = make_pair(folder)
        server = SecureServer(
            folder, recipes=TEST_RECIPES,
            arguments=("--tls-cert", str(certificate), "--tls-key", str(key), "--tls-handshake-timeout", "1", *ARGUMENTS))
        server.certificate = str(certificate)
        self.context = server.context
        self.workshops = [Workshop(folder, str(index)) for index in range(self.clients)]
        return server

    def play(self, number: int, link: socket.socket, index: int) -> Outcome:
        case = TLSCase(self.seed, number)
        has_ended = case.run(link, self.workshops[index], PATIENCE_SECONDS)
        return Outcome(case.client.plain, case.sent, has_ended, case.story, case.is_servers_end)

    def honest_tools(self) -> None:
        """curl and openssl, which know TLS better than we do."""
        try:
            assert self.server.get("/healthz").status == 200
            said = self.server.speak(random.choice(["-tls1_2", "-tls1_3"]))
            assert "Verify return code: 0" in said, said
        except (OSError, AssertionError, subprocess.SubprocessError) as error:
            self.findings.append(f"an honest tool was not served: {error!r}")


def show(fuzz: Fuzz, number: int) -> None:
    """One case alone, against a server of its own."""
    fuzz.server.start()
    try:
        for line in fuzz.one(number, 0):
            print(line)
        if isinstance(fuzz, SecureFuzz):
            print("inside:")
        for piece in Case(fuzz.seed, number).parts()[0]:
            print(piece)
        print("answers", fuzz.statuses)
    finally:
        fuzz.server.stop()
        print(fuzz.server.tail())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", choices=["plain", "tls"])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--case", type=int)
    options = parser.parse_args()
    print(f"wire fuzzing for {options.seconds:.0f} s, seed {options.seed}", flush=True)
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0:quarantine_size_mb=16:abort_on_error=1")
    with tempfile.TemporaryDirectory() as folder:
        kinds = [kind for kind in (Fuzz, SecureFuzz) if options.only in (None, kind.name)]
        fuzzes = []
        for kind in kinds:
            own = Path(folder) / kind.name
            own.mkdir()
            fuzzes.append(kind(own, options.seed))
        if options.case is not None:
            return show(fuzzes[-1] if options.only else fuzzes[0], options.case)
        threads = [threading.Thread(target=fuzz.run, args=(options.seconds,)) for fuzz in fuzzes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    findings = [finding for fuzz in fuzzes for finding in fuzz.findings]
    for fuzz in fuzzes:
        print(fuzz.text)
    for finding in findings[:20]:
        print("FOUND", finding)
    if findings:
        sys.exit(f"{len(findings)} findings with seed {options.seed}")


if __name__ == "__main__":
    main()
