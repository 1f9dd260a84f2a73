"""`hearth dev`, to its author: what is wrong, what the specs say, and which page to open."""

import asyncio
import re
from pathlib import Path

from client import Client

RECIPE = """local t = require "hearth.types"
return recipe {
  name = "poll", version = 1,
  cells = { votes = t.integer, spare = t.integer },
  handlers = {
    vote = { data = t.object {}, run = function(cells, data, ctx) cells.votes:increment(1) end },
    close = { data = t.object {}, run = function(cells, data, ctx) cells.votes = #ctx.who.id end },
  },
}
"""
SPEC = """describe("a poll", function()
  it("counts", function()
    local ann = hearth.room("poll"):join { name = "Ann" }
    ann:send("vote", {})
    assert.equal(1, ann.view.votes)
  end)
end)
"""


async def said(server, pattern: str, times: int = 1) -> str:
    for _ in range(300):
        if len(re.findall(pattern, server.log())) >= times:
            return server.log()
        await asyncio.sleep(0.1)
    raise AssertionError(f"no {times} of {pattern!r} in:\n{server.log()}")


def test_its_author_hears_of_checks_and_specs_at_the_start_and_after_a_save(serve, run, tmp_path: Path):
    folder = tmp_path / "poll"
    folder.mkdir()
    recipe = folder / "recipe.lua"
    recipe.write_text(RECIPE)
    (folder / "poll_spec.lua").write_text(SPEC)
    server = serve(recipes=tmp_path, command="dev")

    async def scenario():
        warning = r"warning: .*poll/recipe\.lua:4: .*spare"
        await said(server, warning)
        await said(server, r"1 passed")
        # It has no page of its own.
        assert f"Open {server.http}/\n" in server.log()
        recipe.write_text(RECIPE.replace("spare = t.integer", "spare = t.boolean").replace("version = 1", "version = 2"))
        await said(server, r"\d\d:\d\d:\d\d poll: now version 2")
        await said(server, warning, 2)
        await said(server, r"1 passed", 2)

    run(scenario())


def test_a_call_without_a_participant_is_told_so(serve, run, tmp_path: Path):
    (tmp_path / "poll.lua").write_text(RECIPE)
    server = serve(recipes=tmp_path, command="dev")

    async def scenario():
        ann = await Client(server.room("home", "poll"), "Ann").enter()
        answer = server.post("/rooms/home/events", {"name": "close", "data": {}})
        assert "`ctx.who` is nil, for no participant asked for this" in answer.json["error"]["message"]
        await ann.close()

    run(scenario())
