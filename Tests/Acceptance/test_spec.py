"""`hearth test` as a person and a build server meet it."""

import json
import subprocess
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
    assert "4 passed" in run("mine", cwd=tmp_path).stdout


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
