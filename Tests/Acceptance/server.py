"""A `hearth serve` process of one's own: started, killed and started again on the same port and data."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RECIPES = ROOT / "Recipes"
TEST_RECIPES = HERE / "recipes"
START_SECONDS = 30


def binary() -> Path:
    """The command under test: HEARTH_BIN, else the release build, else the debug build."""
    named = os.environ.get("HEARTH_BIN")
    candidates = [Path(named)] if named else [ROOT / ".build" / kind / "hearth" for kind in ("release", "debug")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"no hearth at {', '.join(map(str, candidates))}: build it, or set HEARTH_BIN")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Server:
    def __init__(
        self, work: Path, recipes: Path = RECIPES, data: Path | None = None, arguments: tuple[str, ...] = (),
        command: str = "serve",
    ):
        self.data = data or work / "data"
        self.log_path = work / "server.log"
        self.port = free_port()
        self.recipes = recipes
        self.arguments = arguments if command == "dev" else ("--auto-create", *arguments)
        self.command = command
        self.process: subprocess.Popen | None = None
        self.preexec = None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def room(self, room: str, recipe: str | None = None) -> str:
        return f"ws://127.0.0.1:{self.port}/rooms/{room}" + (f"?recipe={recipe}" if recipe else "")

    def page(self, recipe: str, room: str) -> str:
        return f"{self.http}/r/{recipe}/{room}"

    def start(self) -> "Server":
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    binary(), self.command, self.recipes, "--data", self.data, "--host", "127.0.0.1", "--port", str(self.port),
                    *self.arguments,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                # With SIGXFSZ ignored a write past the file size limit fails instead of killing.
                restore_signals=False, start_new_session=True,
            )
        self.wait_ready()
        return self

    def wait_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"hearth serve ended with {self.process.returncode}:\n{self.tail()}")
            try:
                if self.get("/readyz", timeout=1).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"hearth serve was not ready within {START_SECONDS} s:\n{self.tail()}")

    def kill(self) -> None:
        """kill -9: nothing is flushed, nobody is told."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def get(self, path: str, timeout: float = 10) -> Answer:
        return self.ask("GET", path, timeout)

    def delete(self, path: str, timeout: float = 60) -> Answer:
        return self.ask("DELETE", path, timeout)

    def ask(self, method: str, path: str, timeout: float) -> Answer:
        request = urllib.request.Request(self.http + path, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read().decode())

    def post(self, path: str, body: dict | None = None, timeout: float = 60) -> Answer:
        request = urllib.request.Request(
            self.http + path, method="POST", data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read().decode())

    def cells(self, room: str) -> dict:
        """The room's cells by HTTP."""
        answer = self.get(f"/rooms/{room}/cells")
        assert answer.status == 200, answer
        body = answer.json
        return body["cells"] if "cells" in body else body

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess:
        """Another `hearth` command."""
        return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=timeout, cwd=ROOT)

    def database(self) -> Path:
        found = [path for kind in ("*.sqlite", "*.sqlite3", "*.db") for path in self.data.rglob(kind)]
        assert found, f"no SQLite database in {self.data}: {list(self.data.rglob('*'))}"
        return max(found, key=lambda path: path.stat().st_size)

    def log(self) -> str:
        plain = re.compile(r"\x1b\[[0-9;]*m")
        return plain.sub("", self.log_path.read_text(errors="replace"))

    def log_lines(self, *parts: str) -> list[str]:
        """Log lines that hold all of `parts`."""
        return [line for line in self.log().splitlines() if all(part in line for part in parts)]

    def tail(self) -> str:
        return "\n".join(self.log().splitlines()[-30:])


def chromium() -> str | None:
    """Debian's browser when it is there, else the one that playwright brings."""
    return os.environ.get("HEARTH_CHROMIUM") or shutil.which("chromium")
