"""Mutated handshakes, frames, JSON and compression against a whole server over real sockets.

    fuzz.py --seconds 3600 [--seed N] [--case N]

HEARTH_BIN names the binary; built with address sanitizer it finds more. Every connection must end by itself once the
client has ended its side, or be answered; the server must go on serving, take no more memory, and log no fault. The
last line says what was done. `--case` runs one case alone and shows it.
"""

import argparse
import json
import os
import random
import re
import socket
import sys
import tempfile
import threading
import time

from cases import Case, Path, TEXT, frame

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Acceptance"))
from raw import Link  # noqa: E402
from server import TEST_RECIPES, Server  # noqa: E402

#: A server waits 5 s for the peer's end at most, and 10 s for a request's head.
PATIENCE_SECONDS = 30
CLIENTS = 4
FAULT = re.compile(r"AddressSanitizer|runtime error|Fatal error|precondition|internal|Swift runtime failure")
#: What may be added after the first third: allocators keep some of what a burst took.
GROWTH_MAX = 1.15


class Fuzz:
    def __init__(self, server: Server, seed: int):
        self.server = server
        self.seed = seed
        self.lock = threading.Lock()
        self.number = 0
        self.bytes_sent = 0
        self.statuses: dict[str, int] = {}
        self.findings: list[str] = []
        self.resident: list[tuple[float, int]] = []

    def run(self, seconds: float) -> None:
        self.began = time.monotonic()
        self.until = self.began + seconds
        threads = [threading.Thread(target=self.work, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while time.monotonic() < self.until and not self.findings:
            time.sleep(min(2, max(0.1, seconds / 20)))
            self.look()
        self.until = 0
        for thread in threads:
            thread.join(PATIENCE_SECONDS + 5)
            if thread.is_alive():
                self.findings.append("a client hangs")
        self.honest()
        self.judge_memory()

    def work(self) -> None:
        while time.monotonic() < self.until and not self.findings:
            with self.lock:
                number = self.number
                self.number += 1
            self.one(number)
            if number % 200 == 0:
                self.honest()

    def one(self, number: int) -> None:
        pieces, ends = Case(self.seed, number).parts()
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_SECONDS) as link:
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
                    if ends:
                        self.findings.append(f"case {number}: no end within {PATIENCE_SECONDS} s")
                except OSError:
                    pass  # reset: the server was gone before everything was sent
        except OSError as error:
            self.findings.append(f"case {number}: no connection: {error}")
        with self.lock:
            status = answer[9:12].decode("latin-1") or "none"
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.bytes_sent += sum(map(len, pieces))

    def honest(self) -> None:
        """Somebody who does everything right is served as ever."""
        try:
            with Link(self.server.port, "/rooms/honest?recipe=faulty") as link:
                assert link.status == 101, link.status
                link.send(frame(TEXT, b'{"type":"join"}'), frame(TEXT, b'{"type":"event","id":1,"name":"fine"}'))
                while json.loads(link.next()[1])["type"] != "ack":
                    pass
        except Exception as error:
            self.findings.append(f"an honest client was not served: {error!r}")

    def look(self) -> None:
        code = self.server.process.poll()
        if code is not None:
            self.findings.append(f"the server ended with {code} near case {self.number}")
            return
        with open(f"/proc/{self.server.process.pid}/statm") as statm:
            pages = int(statm.read().split()[1])
        self.resident.append((time.monotonic() - self.began, pages * os.sysconf("SC_PAGE_SIZE")))
        with open(self.server.log_path, "rb") as log:
            log.seek(getattr(self, "read_to", 0))
            for line in log:
                if FAULT.search(line.decode(errors="replace")):
                    self.findings.append(f"near case {self.number}: {line.decode(errors='replace').strip()}")
            self.read_to = log.tell()

    def judge_memory(self) -> None:
        """A run of a few seconds is too short to tell growth from warming up."""
        if not self.resident or self.resident[-1][0] < 120:
            return
        third = self.resident[-1][0] / 3
        early = max(size for at, size in self.resident if at < third)
        late = max(size for at, size in self.resident if at > 2 * third)
        if late > GROWTH_MAX * early:
            self.findings.append(f"memory grew from {early >> 20} to {late >> 20} MiB")


def show(seed: int, number: int) -> None:
    pieces, ends = Case(seed, number).parts()
    for piece in pieces:
        print(piece)
    print("then the client ends its side" if ends else "then the client waits")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--case", type=int)
    options = parser.parse_args()
    if options.case is not None:
        return show(options.seed, options.case)
    print(f"wire fuzzing for {options.seconds:.0f} s, seed {options.seed}", flush=True)
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0:quarantine_size_mb=16:abort_on_error=1")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            Path(folder), recipes=TEST_RECIPES,
            arguments=("--test-echo", "--session-ttl", "3", "--max-message", "64KiB", "--log-level", "warning"))
        server.start()
        fuzz = Fuzz(server, options.seed)
        try:
            fuzz.run(options.seconds)
        finally:
            server.stop()
        if server.process.returncode != 0:
            fuzz.findings.append(f"the server ended with {server.process.returncode}:\n{server.tail()}")
    sizes = [size >> 20 for _, size in fuzz.resident] or [0]
    print(f"{fuzz.number} connections, {fuzz.bytes_sent >> 10} KiB sent, answers {fuzz.statuses}; "
          f"memory {sizes[0]} MiB at first, {max(sizes)} at most, {sizes[-1]} at last")
    for finding in fuzz.findings:
        print("FOUND", finding)
    if fuzz.findings:
        sys.exit(f"{len(fuzz.findings)} findings with seed {options.seed}")


if __name__ == "__main__":
    main()
