"""The Autobahn test suite's cases against our own echo: every one must be OK or informational, its close as well.

    run.py [quick|full|CASE,CASE...] [--limit SECONDS]

`quick` is all of the protocol and a sample of compression, `full` all of it (517 cases). Case ids may have globs (`9.*`).
HEARTH_BIN names the binary. The suite itself is Python 2; PyPI `kosoku` carries the same cases behind a new runner.
"""

import argparse
import asyncio
import collections
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

PROTOCOL = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
SAMPLE = ["12.1.1", *(f"13.{group}.1" for group in range(1, 8))]
SELECTIONS = {
    "quick": PROTOCOL + SAMPLE,
    "full": PROTOCOL + ["9.*", "12.*", "13.*"],
}
GOOD = ("OK", "INFORMATIONAL")
#: The largest message of section 9.
MESSAGE_BYTES = "16MiB"


def mend_suite() -> None:
    """kosoku 0.1.0 hands a message that a peer left uncompressed to the cases of sections 12 and 13 as text, which they
    then cannot hash. A peer may leave any message uncompressed (RFC 7692, 6.1)."""
    from kosoku import _caseindex
    _caseindex.initialize_shims()
    import case12_x_x as cases

    for case in cases.Case12_X_X + cases.Case13_X_X:
        def on_message(self, message, binary, inner=case.onMessage):
            return inner(self, message.encode() if isinstance(message, str) else message, binary)
        case.onMessage = on_message


def serve(folder: str) -> tuple[subprocess.Popen, int]:
    """A server with the echo, and its port."""
    binary = os.environ.get("HEARTH_BIN") or sys.exit("HEARTH_BIN must name the hearth binary")
    log = open(os.path.join(folder, "server.log"), "wb")
    recipes = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Recipes")
    process = subprocess.Popen(
        [binary, "serve", recipes, "--data", os.path.join(folder, "data"), "--port", "0", "--test-echo",
         "--max-message", MESSAGE_BYTES, "--log-format", "json",
         # The suite takes a ping that it did not ask for as the end of a case.
         "--heartbeat", "3600", "--heartbeat-timeout", "7200"],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        for line in open(log.name, errors="replace"):
            if "http://" in line:
                port = int(line.split("http://", 1)[1].split("/")[0].rsplit(":", 1)[1])
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                return process, port
        time.sleep(0.05)
    process.kill()
    sys.exit(f"the server did not start:\n{open(log.name, errors='replace').read()}")


async def run(url: str, cases: list[str], limit: float) -> list:
    from kosoku import FailureError, run_fuzzingclient

    try:
        return await asyncio.wait_for(run_fuzzingclient(url, cases, None, concurrency=4), limit)
    except FailureError as failure:
        return list(failure.results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="?", default="full")
    parser.add_argument("--limit", type=float, default=900, help="seconds for everything")
    options = parser.parse_args()
    cases = SELECTIONS.get(options.cases) or options.cases.split(",")
    mend_suite()
    with tempfile.TemporaryDirectory() as folder:
        server, port = serve(folder)
        try:
            began = time.monotonic()
            results = asyncio.run(run(f"ws://127.0.0.1:{port}/test/echo", cases, options.limit))
        finally:
            server.terminate()
            server.wait(10)
    bad = [result for result in results
           if result.behavior.value not in GOOD or result.behavior_close.value not in GOOD]
    for result in bad:
        print(f"  {result.case_id}: {result.behavior.value}, close {result.behavior_close.value}: {result.result}")
    kinds = collections.Counter(result.behavior.value for result in results)
    print(f"Autobahn: {len(results)} cases in {time.monotonic() - began:.0f} s: "
          + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    if server.returncode != 0:
        sys.exit(f"the server ended with {server.returncode}")
    if bad or not results:
        sys.exit(f"{len(bad)} cases are not as they should be")


main()
