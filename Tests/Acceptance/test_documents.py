"""What the documents show is run as it stands there, with nothing changed but the server's address."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from client import Client
from server import ROOT, binary

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: str, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall((ROOT / document).read_text()) if kind == language]


def run_block(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, f"{text}\n--- said\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_curl_session_of_the_protocol_page(serve):
    server = serve()
    session = "\n".join(blocks("Docs/protocol.md", "sh")).replace("http://127.0.0.1:8080", server.http)
    assert session.count("curl") >= 8
    said = run_block(["bash", "-e"], session.replace("curl -s", "curl --fail-with-body -s"))
    assert server.cells("kitchen") == {"count": 1}
    assert '"increment"' in said


def test_the_python_session_of_the_protocol_page(serve):
    server = serve()
    (program,) = blocks("Docs/protocol.md", "python")
    said = run_block([sys.executable, "-"], program.replace("ws://127.0.0.1:8080", server.http.replace("http", "ws")))
    assert "in room protocol-page" in said and "back, and the server has decided events up to 1" in said


@pytest.mark.parametrize("document", ["README.md", "Docs/getting-started.md", "Docs/recipes.md"])
def test_recipes_in_documents_load(document: str, tmp_path: Path):
    recipes = [text for text in blocks(document, "lua") if "return recipe" in text]
    assert recipes
    for text in recipes:
        (name,) = re.findall(r'^  name\s*= "([\w-]+)"', text, re.MULTILINE)
        (tmp_path / f"{name}.lua").write_text(text)
    done = subprocess.run([binary(), "recipes", tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_reload_page(serve, run, tmp_path: Path):
    """Its first version runs, its second is saved over it, its spec passes, its commands do what they say."""
    first, second, spec = blocks("Docs/hot-reload.md", "lua")
    recipes = tmp_path / "recipes"
    (recipes / "minutes").mkdir(parents=True)
    file = recipes / "minutes" / "recipe.lua"
    file.write_text(first)
    server = serve(recipes=recipes, command="dev")

    async def scenario():
        ann = await Client(server.room("monday", "minutes"), "Ann").enter()
        await ann.send("add", {"text": "we begin"})
        file.write_text(second)
        await ann.until(lambda: any(message["recipe"]["version"] == 2 for message in ann.of("reload")))
        assert ann.cells["points"] == [{"text": "we begin", "by": "unknown", "struck": False}]
        assert "lines" not in ann.cells
        (user,) = [cell for cell in ann.cells if cell.startswith("user@")]
        assert ann.cells[user]["colour"] == "grey" and ann.cells[user]["name"].startswith("Guest ")
        await ann.send("strike", {"index": 1})
        session = "\n".join(blocks("Docs/hot-reload.md", "sh")).replace("http://127.0.0.1:8080", server.http)
        said = run_block(["bash", "-e"], session.replace("curl -s", "curl --fail-with-body -s"))
        assert '"canary":"monday"' in said and said.count('"outcome":"swapped"') == 2 and '"cause":"save"' in said
        # The first version has no colours, so the room keeps the second.
        assert '"outcome":"refused"' in said and "unknown field, fields are name" in said
        assert ann.cells["points"][0]["struck"]
        await ann.close()

    run(scenario())
    (tmp_path / "minutes.lua").write_text(first)
    (tmp_path / "minutes_spec.lua").write_text(spec)
    done = subprocess.run([binary(), "test", tmp_path / "minutes_spec.lua"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_recipes_of_the_guide_are_sound_and_pass_their_specs(tmp_path: Path):
    name = ""
    for text in blocks("Docs/guide.md", "lua"):
        if "return recipe" in text:
            (name,) = re.findall(r'^  name = "([\w-]+)"', text, re.MULTILINE)
            (tmp_path / f"{name}.lua").write_text(text)
        else:
            (tmp_path / f"{name}_spec.lua").write_text(text)
    for command in (["check", "--strict"], ["test"]):
        done = subprocess.run([binary(), *command, tmp_path], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


def test_the_page_of_the_guide_works_for_two(serve, browser, run, tmp_path: Path):
    """The guide from its first line: `hearth new`, then what it says goes where."""
    made = subprocess.run(
        [binary(), "new", "poll", "--from", "blank", "--recipes", tmp_path], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "poll"
    recipe, spec, *_ = blocks("Docs/guide.md", "lua")
    (html,), (script,) = blocks("Docs/guide.md", "html"), blocks("Docs/guide.md", "js")
    (folder / "recipe.lua").write_text(recipe)
    (folder / "poll_spec.lua").write_text(spec)
    page = folder / "web" / "index.html"
    page.write_text(re.sub(r"    <form.*?</form>\n", lambda _: html, page.read_text(), flags=re.S))
    code = folder / "web" / "page.js"
    above, mark, _ = code.read_text().partition("// What this page shows and does.\n")
    assert mark
    code.write_text(above + mark + "\n" + script)
    server = serve(recipes=tmp_path)
    shots = os.environ.get("HEARTH_SCREENSHOTS")

    async def scenario():
        async with browser() as chromium:
            url = server.page("poll", "drinks")
            ann, bob = await chromium.page(url), await chromium.page(url)
            for who, text in ((ann, "Tea"), (bob, "Coffee")):
                await expect(who.locator("#connection")).to_have_text("Connected")
                await who.fill("#text", text)
                await who.press("#text", "Enter")
            await expect(ann.locator("#options li")).to_have_count(2)
            await bob.get_by_role("button", name="Tea: 0").click()
            await ann.get_by_role("button", name="Tea: 1").click()
            await expect(bob.get_by_role("button", name="Tea: 2")).to_have_attribute("aria-pressed", "true")
            await expect(ann.locator("#count")).to_have_text("2 voted.")
            # Whoever came first may close it, and nobody else.
            await expect(bob.locator("#close")).to_be_hidden()
            if shots:
                await ann.screenshot(path=f"{shots}/guide.png")
                await bob.set_viewport_size({"width": 360, "height": 640})
                await bob.emulate_media(color_scheme="dark")
                await bob.screenshot(path=f"{shots}/guide-phone-dark.png")
            await ann.click("#close")
            await expect(bob.locator("#count")).to_have_text("2 voted, and that is all.")
            await expect(bob.get_by_role("button", name="Tea: 2")).to_be_disabled()
            assert ann.faults == bob.faults == []

    run(scenario(), 60)


def test_the_specs_of_the_testing_page_pass(tmp_path: Path):
    recipe, *specs = blocks("Docs/testing-recipes.md", "lua")
    (tmp_path / "kitty.lua").write_text(recipe)
    assert len(specs) == 3
    for number, text in enumerate(specs):
        (tmp_path / f"part{number}_spec.lua").write_text(text)
    # Pages that send what they see and one more: the page shows what is said of that.
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "kitty_spec.lua").write_text(LOST_UPDATE)
    good = [tmp_path / f"part{number}_spec.lua" for number in range(3)]
    done = subprocess.run([binary(), "test", *good], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
    done = subprocess.run([binary(), "test", tmp_path / "wrong"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    said = [line.strip() for line in done.stdout.splitlines()]
    (shown,) = re.findall(r"^```\n(kitty_spec.*?)^```", (ROOT / "Docs/testing-recipes.md").read_text(), re.M | re.S)
    for line in shown.splitlines()[1:]:
        assert line.strip() in said or line.strip() == "…", line


LOST_UPDATE = """\
describe("kitty", function()
  it("counts corrections", function()
    explore({ runs = 200, seed = 7 }, function(room)
      local a, b = room:join { name = "A" }, room:join { name = "B" }
      room:concurrently(
        function() a:send("correct", { total = a.view.total + 1 }) end,
        function() b:send("correct", { total = b.view.total + 1 }) end)
      return function() assert.equal(2, room.cells.total) end
    end)
  end)
end)
"""


def test_every_flag_of_the_testing_page_exists():
    known = subprocess.run([binary(), "test", "--help"], capture_output=True, text=True, timeout=60).stdout
    for flag in sorted(set(re.findall(r"--[a-z][a-z-]+", (ROOT / "Docs/testing-recipes.md").read_text()))):
        assert flag in known, f"{flag} is described and does not exist"


def test_every_flag_in_the_operations_page_exists():
    text = (ROOT / "Docs/operations.md").read_text()
    known = ""
    for command in (["serve"], ["rooms", "list"], ["rooms", "delete"], ["rooms", "import"], ["rooms", "export"], ["verify"], ["why"], ["inspect"], ["log"], ["diff"], ["call"], ["replay"], ["repl"], ["migrate"]):
        known += subprocess.run(
            [binary(), *command, "--help"], capture_output=True, text=True, timeout=60, env={**os.environ, "COLUMNS": "200"},
        ).stdout
    for flag in sorted(set(re.findall(r"--[a-z][a-z-]+", text))):
        assert flag in known, f"{flag} is described and does not exist"
