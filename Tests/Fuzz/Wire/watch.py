"""What a server does while it is attacked: whether it lives, what it takes, and what it says about it."""

import os
import re
import time

FAULT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error|Fatal error|precondition|internal|Swift runtime failure")
PEER = re.compile(rb"remote=127\.0\.0\.1:(\d+)")
#: What may be added after the first third: allocators keep some of what a burst took.
GROWTH_MAX = 1.15
#: After so long the log has said why a connection ended.
REASON_SECONDS = 20


class Watch:
    def __init__(self, server, findings: list[str]):
        self.server = server
        self.findings = findings
        self.began = time.monotonic()
        self.read_to = 0
        self.processor = 0.0
        #: Seconds since the beginning, bytes in memory.
        self.resident: list[tuple[float, int]] = []
        #: Ports that a line of the log named, and when it was read.
        self.named: dict[int, float] = {}
        #: Connections that the server ended without an answer: port, when it began and ended, what it was.
        self.unexplained: list[tuple[int, float, float, str]] = []

    def look(self, near: str) -> None:
        code = self.server.process.poll()
        if code is not None:
            self.findings.append(f"the server ended with {code} near {near}")
            return
        process = f"/proc/{self.server.process.pid}"
        with open(f"{process}/statm") as statm, open(f"{process}/stat") as stat:
            pages = int(statm.read().split()[1])
            ticks = stat.read().rpartition(")")[2].split()[11:13]
        self.processor = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        self.resident.append((time.monotonic() - self.began, pages * os.sysconf("SC_PAGE_SIZE")))
        self.read_log(near)
        self.judge_reasons(time.monotonic() - REASON_SECONDS)

    def read_log(self, near: str) -> None:
        with open(self.server.log_path, "rb") as log:
            log.seek(self.read_to)
            for line in log:
                if not line.endswith(b"\n"):
                    break  # being written
                self.read_to += len(line)
                text = line.decode(errors="replace")
                if FAULT.search(text):
                    self.findings.append(f"near {near}: {text.strip()}")
                if peer := PEER.search(line):
                    self.named[int(peer[1])] = time.monotonic()

    def judge_reasons(self, ended_before: float) -> None:
        """Nothing ends without a word: what was not answered stands in the log with a reason."""
        waiting = []
        for one in self.unexplained:
            port, began, ended, what = one
            if self.named.get(port, 0) >= began:
                continue
            if ended < ended_before:
                self.findings.append(f"no reason in the log for the end of {what}")
            else:
                waiting.append(one)
        self.unexplained[:] = waiting

    def judge_memory(self) -> None:
        """A run of a few seconds is too short to tell growth from warming up."""
        if not self.resident or self.resident[-1][0] < 120:
            return
        early, late = self.thirds()
        if late > GROWTH_MAX * early:
            self.findings.append(f"memory grew from {early >> 20} to {late >> 20} MiB")

    def thirds(self) -> tuple[int, int]:
        """The most of the first and of the last third."""
        third = self.resident[-1][0] / 3
        early = max(size for at, size in self.resident if at <= third or at == self.resident[0][0])
        return early, max(size for at, size in self.resident if at >= 2 * third)

    @property
    def text(self) -> str:
        sizes = [size >> 20 for _, size in self.resident] or [0]
        early, late = self.thirds() if self.resident else (0, 0)
        return (f"memory {sizes[0]} MiB at first, {max(sizes)} at most, {sizes[-1]} at last "
                f"(first third up to {early >> 20}, last third up to {late >> 20}); {self.processor:.0f} s of the processor")
