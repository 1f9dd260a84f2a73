"""`hearth test` as a person and a build server meet it."""

import json
import os
import signal
import subprocess
import time
import xml.etree.ElementTree as XML
from pathlib import Path

from server import ROOT, binary


def run(*arguments, status: int = 0, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [binary(), "test", *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd,
        stdin=subprocess.DEVNULL)
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


FAILING = """\
describe("counter", function()
  it("is right", function()
    local room = hearth.room("counter")
    assert.equal(0, room.cells.count)
  end)

  it("is wrong", function()
    local ann = hearth.room("counter"):join { name = "Ann" }
    ann:send("increment")
    assert.same({ count = 2, list = { "one", "two" }, long = "so long that it has a line of its own" },
      { count = ann.view.count, list = { "one", "two" }, long = "so long that it has a line of its own" })
  end)
end)
"""


def failing(folder: Path) -> Path:
    spec = folder / "counter_spec.lua"
    spec.write_text(FAILING)
    return spec


def test_the_shipped_specs_pass():
    said = run("Recipes").stdout
    assert "FAILED" not in said and "Recipes/chat/chat_spec.lua" in said
    assert "follows a rename in what was already said" in said


def test_what_new_writes_passes(tmp_path: Path):
    subprocess.run([binary(), "new", "todo", "--recipes", tmp_path / "mine"], check=True, capture_output=True)
    assert "7 passed" in run("mine", cwd=tmp_path).stdout


def test_a_failure_is_shown_with_its_line_and_a_difference(tmp_path: Path):
    said = run(failing(tmp_path), status=1).stdout
    assert "counter_spec.lua:10" in said
    assert "1 passed, 1 failed" in said
    assert "-   count = 2," in said and "+   count = 1," in said
    assert '      list = { "one", "two" },' in said


def test_build_servers_can_read_it(tmp_path: Path):
    spec = failing(tmp_path)
    tap = run(spec, "--output", "tap", status=1).stdout.splitlines()
    assert tap[0] == "TAP version 13" and tap[-1] == "1..2"
    assert "not ok 2 - counter is wrong" in tap

    suite = XML.fromstring(run(spec, "--output", "junit", status=1).stdout.encode()).find("testsuite")
    assert suite.get("tests") == "2" and suite.get("failures") == "1"
    assert suite.findall("testcase")[1].find("failure").get("message") == "the values are not the same"

    lines = [json.loads(line) for line in run(spec, "--output", "json", status=1).stdout.splitlines()]
    assert [line["type"] for line in lines] == ["test", "test", "summary"]
    assert lines[1]["status"] == "failed" and lines[1]["line"] == 10 and lines[1]["file"].endswith("counter_spec.lua")


def test_a_filter_chooses_by_name(tmp_path: Path):
    assert "1 passed in" in run(failing(tmp_path), "--filter", "is right").stdout
    assert "No test has" in run(failing(tmp_path), "--filter", "is odd", status=1).stderr


def test_what_is_not_there_is_said(tmp_path: Path):
    assert "no such file or folder" in run(tmp_path / "nowhere", status=1).stderr
    assert "There are no specs in" in run(tmp_path, status=1).stderr
    (tmp_path / "half_spec.lua").write_text('describe("half", function()\n  it(\nend)\n')
    assert "half_spec.lua:3" in run(tmp_path, status=1).stdout
    (tmp_path / "half_spec.lua").write_text('it("has none", function()\n  hearth.room("nothing")\nend)\n')
    said = run(tmp_path, status=1).stdout
    assert 'there is no recipe "nothing"' in said and "half_spec.lua:2" in said


def test_a_spec_that_does_not_end_is_stopped(tmp_path: Path):
    (tmp_path / "endless_spec.lua").write_text('it("runs", function()\n  while true do end\nend)\n')
    assert "endless_spec.lua:2" in run(tmp_path, "--timeout", "1", status=1).stdout


def test_it_runs_again_when_something_changes(tmp_path: Path):
    spec = failing(tmp_path)
    watching = subprocess.Popen(
        [binary(), "test", spec, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    try:
        until(watching, "Waiting for a change")
        spec.write_text(FAILING.replace("count = 2", "count = 1"))
        assert "2 passed" in until(watching, "Waiting for a change")
    finally:
        watching.kill()
        watching.wait()


def until(process: subprocess.Popen, mark: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if mark in line:
            return said
    raise AssertionError(f"it ended: {said}")


def test_an_interleaving_that_loses_an_update_is_told_as_a_story(tmp_path: Path):
    (tmp_path / "tally.lua").write_text("""\
local t = require "hearth.types"
return recipe {
  name = "tally", version = 1,
  cells = { total = t.integer { default = 0 } },
  handlers = { set = { data = t.object { total = t.integer() }, run = function(cells, data) cells.total = data.total end } },
}
""")
    (tmp_path / "tally_spec.lua").write_text("""\
it("keeps every increment", function()
  explore({ runs = 200, seed = 7 }, function(room)
    local ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
    room:concurrently(
      function() ann:send("set", { total = ann.view.total + 1 }) end,
      function() bob:send("set", { total = bob.view.total + 1 }) end)
    return function() assert.equal(2, room.cells.total) end
  end)
end)
""")
    said = run(tmp_path, status=1).stdout
    assert "tally_spec.lua:7" in said and "with seed 7; the shortest schedule that fails:" in said
    assert "Ann, who has seen commit" in said and "`set` of Bob is commit" in said


BRANCHING = """\
local t = require "hearth.types"
local function twice(n)
  return n * 2
end
local function never(n)
  return n + 1
end
return recipe {
  name = "branching", version = 1,
  cells = { n = t.integer() },
  handlers = {
    grow = function(cells, data)
      if data.much then
        for _ = 1, 1000 do
          cells.n = twice(cells.n + 1) % 1000
        end
      else
        cells.n = twice(1)
      end
    end,
    unused = function(cells) cells.n = never(1) end,
  },
}
"""

BRANCHING_SPEC = """\
it("grows", function()
  local ann = hearth.room("branching"):join {}
  ann:send("grow", { much = MUCH })
  assert.is_true(ann.view.n > 0)
end)
"""


def branching(folder: Path, much: str = "false") -> Path:
    (folder / "branching").mkdir(exist_ok=True)
    (folder / "branching" / "recipe.lua").write_text(BRANCHING)
    (folder / "branching" / "branching_spec.lua").write_text(BRANCHING_SPEC.replace("MUCH", much))
    return folder


def test_coverage_names_the_lines_that_did_not_run(tmp_path: Path):
    branching(tmp_path)
    said = run("branching", "--coverage", "--lcov", "lines.info", cwd=tmp_path).stdout
    # Lines 6, 13, 14 and 20's function body: `never`, the loop, and the handler that nobody sent.
    assert "branching/recipe.lua  not 6, 14-15" in said, said
    lines = (tmp_path / "lines.info").read_text().splitlines()
    assert "SF:branching/recipe.lua" in lines and "DA:3,1" in lines and "DA:6,0" in lines
    hit = sum(line.startswith("DA:") and not line.endswith(",0") for line in lines)
    assert f"LH:{hit}" in lines and f"LF:{sum(line.startswith('DA:') for line in lines)}" in lines


def test_coverage_below_what_is_wanted_fails(tmp_path: Path):
    branching(tmp_path)
    assert "of the lines ran" in run("branching", "--coverage-min", "95", status=1, cwd=tmp_path).stderr
    run("branching", "--coverage-min", "50", cwd=tmp_path)


def test_sources_are_shown_with_how_often_their_lines_ran(tmp_path: Path):
    said = run("branching", "--annotate", cwd=branching(tmp_path, much="true")).stdout
    assert "   1000× │           cells.n = twice(cells.n + 1) % 1000" in said
    assert "   never │         cells.n = twice(1)" in said


def test_a_handler_that_uses_more_than_before_fails(tmp_path: Path):
    branching(tmp_path)
    arguments = ("branching", "--budgets", "--budget-baseline", "budgets.json")
    first = run(*arguments, cwd=tmp_path)
    assert "branching.grow" in first.stdout and "instructions" in first.stdout
    assert json.loads((tmp_path / "budgets.json").read_text())["branching.grow"] >= 0
    run(*arguments, cwd=tmp_path)
    said = run(*arguments, status=1, cwd=branching(tmp_path, much="true")).stderr
    assert "branching.grow used" in said and "budgets.json" in said
    (tmp_path / "budgets.json").write_text("nonsense")
    assert "cannot be read" in run(*arguments, status=1, cwd=tmp_path).stderr


def test_every_shipped_recipe_has_over_ninety_per_cent_of_its_lines_run(tmp_path: Path):
    run("Recipes", "--lcov", tmp_path / "lines.info")
    name, share = None, {}
    for line in (tmp_path / "lines.info").read_text().splitlines():
        kind, _, value = line.partition(":")
        if kind == "SF":
            name = value
        elif kind in ("LF", "LH"):
            share.setdefault(name, {})[kind] = int(value)
    assert {"Recipes/chat/recipe.lua", "Recipes/conflict-resolution/recipe.lua", "Recipes/counter/recipe.lua"} <= set(share)
    assert all(lines["LH"] > 0.9 * lines["LF"] for lines in share.values()), share


# Files that run at once

def counted(folder: Path, name: str, body: str) -> Path:
    spec = folder / f"{name}_spec.lua"
    spec.write_text(f'describe("{name}", function()\n{body}\nend)\n')
    return spec


def many(folder: Path) -> Path:
    """Files of which the first takes longest, and one does not compile."""
    loop = "for _ = 1, {} do end"
    counted(folder, "a", f'it("is slow", function() {loop.format(20_000_000)} print("a said") end)')
    counted(folder, "b", 'it("fails", function() print("b said") assert.equal(1, 2) end)\n it("goes on", function() end)')
    counted(folder, "c", 'it("is broken", function()')
    counted(folder, "d", 'pending("later")\n it("adds", function() hearth.room("counter"):join {}:send("increment") end)')
    return folder


def without_times(said: str) -> list[str]:
    kept = []
    for line in said.splitlines():
        if line.startswith("{"):
            line = json.dumps({key: value for key, value in json.loads(line).items() if key != "ms"})
        words = (word for word in line.split(" ") if not word.startswith("time="))
        kept.append(" ".join(words).rpartition(" in ")[0] if " passed, " in line else " ".join(words))
    return [line.partition("  2")[0].partition("  1")[0] if line.lstrip().startswith("ok") else line for line in kept]


def test_many_files_at_once_say_what_one_after_the_other_do(tmp_path: Path):
    folder = many(tmp_path)
    for output in ("tap", "junit", "json"):
        one, four = (run(folder, "--output", output, "--jobs", jobs, status=1) for jobs in (1, 4))
        assert without_times(one.stdout) == without_times(four.stdout), output
    pretty = run(folder, "--jobs", 4, status=1)
    places = [pretty.stdout.index(f"{name}_spec.lua") for name in "abcd"]
    assert places == sorted(places) and "3 passed, 1 failed, 1 file broken, 1 pending" in pretty.stdout
    assert pretty.stderr.index("a said") < pretty.stderr.index("b said")


def test_coverage_and_budgets_are_the_same_however_many_run_at_once(tmp_path: Path):
    said = {}
    for jobs in (1, 3):
        lcov, baseline = tmp_path / f"{jobs}.lcov", tmp_path / f"{jobs}.json"
        run("Recipes", "Examples/poll", "--jobs", jobs, "--coverage", "--lcov", lcov, "--budget-baseline", baseline)
        said[jobs] = (lcov.read_text(), baseline.read_text())
    assert said[1] == said[3]
    assert said[1][0].count("SF:") >= 4


def worker(parent: int) -> int:
    """The process that runs the spec file, once it runs the test."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        children = [
            entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and parent_of(entry) == parent]
        if children:
            return int(children[0])
        time.sleep(0.02)
    raise AssertionError("no process was started")


def parent_of(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def start(*arguments, cwd: Path = ROOT) -> subprocess.Popen:
    return subprocess.Popen(
        [binary(), "test", *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)


ENDLESS = 'it("passes", function() end)\n it("never ends", function() print("here") while true do end end)'


def test_a_file_whose_process_dies_is_that_files_failure(tmp_path: Path):
    counted(tmp_path, "a", ENDLESS)
    counted(tmp_path, "b", 'it("is fine", function() end)')
    hearth = start(tmp_path, "--jobs", 1)
    said = ""
    while "here" not in said:
        said += hearth.stdout.readline()
    os.kill(worker(hearth.pid), signal.SIGSEGV)
    said += hearth.communicate(timeout=30)[0]
    assert hearth.returncode == 1
    assert 'the process that ran it ended by signal 11, in the test "a never ends"' in said
    assert "ok is fine" in said and "2 passed, 1 file broken" in said


def test_a_file_that_hangs_is_stopped(tmp_path: Path):
    counted(tmp_path, "a", ENDLESS)
    counted(tmp_path, "b", 'it("is fine", function() end)')
    assert "ok is fine" in run(tmp_path, "--timeout", 1, status=1).stdout

    hearth = start(tmp_path, "--timeout", 1, "--filter", "never")
    os.kill(worker(hearth.pid), signal.SIGSTOP)
    said = hearth.communicate(timeout=30)[0]
    assert hearth.returncode == 1
    assert "it was stopped: it did not come to its end within 1 s" in said


def test_no_process_of_a_file_outlives_the_command(tmp_path: Path):
    counted(tmp_path, "a", ENDLESS)
    counted(tmp_path, "b", ENDLESS)
    hearth = start(tmp_path, "--jobs", 2)
    child = worker(hearth.pid)
    hearth.kill()
    hearth.wait()
    end = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and parent_of(Path(f"/proc/{child}")) != 0:
        assert time.monotonic() < end, "it runs on"
        time.sleep(0.02)


def test_a_wrong_number_of_jobs_is_told(tmp_path: Path):
    refused = subprocess.run([binary(), "test", "--jobs", "0"], capture_output=True, text=True)
    assert refused.returncode == 64
    assert "The value '0' is invalid for '--jobs': take one from 1 to 256." in refused.stderr
