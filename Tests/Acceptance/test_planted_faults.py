"""Ten recipes with one race or leak each, as an author might well write it: `hearth check` or `explore` finds it within ten
seconds and names the line. Beside each stands the same recipe without the fault, and neither says anything about it."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from server import ROOT, binary

FOLDER = ROOT / "Tests" / "PlantedFaults"
SECONDS_MAX = 10


@dataclass
class Fault:
    """What is wrong, who says so, and the text of the line that must be named."""

    what: str
    check: str | None = None
    check_line: str = ""
    # None where the engine itself refuses the first event, so that every spec fails.
    explore: str | None = None
    explore_line: str = ""


FAULTS = {
    "tickets": Fault(
        "lost update by reading then setting",
        "merge-policy", "cells.left = left - data.count",
        "what it had read before others changed it", "cells.left = left - data.count"),
    "checkout": Fault(
        "double charge on re-run",
        explore="3 charges for two orders", explore_line="local paid = ctx.ask("),
    "queue": Fault("state in an upvalue", "module-state", "next_number = next_number + 1"),
    "orders": Fault(
        "id from time",
        "time-as-id", "cells.orders[number] =", "the values are not equal", "cells.orders[number] ="),
    "poker": Fault(
        "unguarded leave",
        "unguarded", "cells.pot:increment(seat.bet)",
        "attempt to index a nil value (local 'seat')", "cells.pot:increment(seat.bet)"),
    "kanban": Fault(
        "link to a deleted cell",
        "lost-link", "card:delete()", "which is not there any more", "card:delete()"),
    "standup": Fault(
        "timer after close",
        "stale-timer", 'ctx.after(data.seconds * 1000, "close")',
        "it closed early", "close = function(cells) cells.is_open = false end"),
    "playlist": Fault(
        "read-modify-write of a list",
        "stale-value", "cells.removal = ctx.after(", "the values are not equal", "cells.songs = data.songs"),
    "greeter": Fault("stale closure after reload", "module-state", "made = make(...)"),
    "pantry": Fault(
        "non-commuting merge",
        explore="the merge of wanted loses what one of two did", explore_line=":merge(function(base, mine, theirs)"),
}


def hearth(*arguments: object) -> tuple[int, str, float]:
    began = time.monotonic()
    done = subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout, time.monotonic() - began


def check(recipes: Path) -> tuple[list[dict], float]:
    _, said, seconds = hearth("check", recipes, "--output", "json")
    return json.loads(said)["findings"], seconds


def specs(name: str, recipes: Path) -> tuple[list[dict], float]:
    _, said, seconds = hearth(
        "test", FOLDER / "specs" / f"{name}_spec.lua", "--recipes", recipes, "--output", "json")
    lines = [json.loads(line) for line in said.splitlines()]
    return [line for line in lines if line["type"] == "test"], seconds


def line_of(name: str, text: str) -> int:
    lines = (FOLDER / "faulty" / name / "recipe.lua").read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if text in line]
    assert len(found) == 1, f"{text} stands in {len(found)} lines of {name}"
    return found[0]


def test_each_has_its_kind():
    assert sorted(FAULTS) == sorted(path.name for path in (FOLDER / "faulty").iterdir())
    assert sorted(FAULTS) == sorted(path.name for path in (FOLDER / "mended").iterdir())
    assert len({fault.what for fault in FAULTS.values()}) == 10
    assert all(fault.check or fault.explore for fault in FAULTS.values())


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_its_line_is_named(name: str):
    fault = FAULTS[name]
    found, seconds = check(FOLDER / "faulty" / name)
    assert seconds < SECONDS_MAX
    if fault.check is None:
        assert found == []
    else:
        assert [finding["code"] for finding in found] == [fault.check], found
        assert found[0]["line"] == line_of(name, fault.check_line)
        assert fault.check_line in found[0]["source"]
    said = f"check {fault.check or '-'} in {seconds:.2f} s"

    tests, seconds = specs(name, FOLDER / "faulty")
    assert seconds < SECONDS_MAX
    failed = [test for test in tests if test["status"] == "failed"]
    if fault.explore is None:
        # The engine refuses it at the first event, whoever sends it.
        assert all("was changed by this event" in test["message"] for test in failed) and failed, failed
    else:
        # All plain tests pass: only exploring shows it.
        assert len(failed) == 1 and failed[0]["name"] == tests[-1]["name"], failed
        story = failed[0]["story"]
        assert fault.explore in failed[0]["message"], failed
        assert "the shortest schedule that fails" in story[0]
        place = f"recipe.lua:{line_of(name, fault.explore_line)}: "
        assert any(line.strip().startswith(place) and fault.explore_line in line for line in story), story
    print(f"{name} ({fault.what}): {said}; specs in {seconds:.2f} s")


@pytest.mark.parametrize("name", FAULTS)
def test_without_the_fault_nothing_is_found(name: str):
    assert check(FOLDER / "mended" / name)[0] == []
    tests, _ = specs(name, FOLDER / "mended")
    assert tests and all(test["status"] == "passed" for test in tests), tests
