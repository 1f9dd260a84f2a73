"""`hearth new --from KIND`: each kind passes its spec, `hearth check` and luacheck, and its page works in a browser."""

import os
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import expect
from server import binary
from test_command import hearth

KINDS = ["list", "chat", "form", "board", "blank"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_is_sound(kind: str, tmp_path: Path):
    hearth("new", f"my-{kind}", "--from", kind, "--recipes", tmp_path)
    hearth("meta", tmp_path)
    hearth("check", tmp_path, "--strict")
    assert " 0 failed" in (told := hearth("test", tmp_path)) or "failed" not in told
    style = subprocess.run(["luacheck", "--no-color", "--quiet", "."], cwd=tmp_path, capture_output=True, text=True)
    assert style.returncode == 0, style.stdout


def test_an_unknown_kind_is_named(tmp_path: Path):
    assert "blank" in hearth("new", "x", "--from", "game", "--recipes", tmp_path, status=64)


async def in_chat(ann, bob):
    await ann.fill("#text", "Hello")
    await ann.press("#text", "Enter")
    await expect(bob.locator("#messages")).to_contain_text("Hello")
    await bob.fill("#text", "typing")
    await expect(ann.locator("#typing")).to_contain_text("…")


async def in_form(ann, bob):
    await ann.fill("[name=title]", "Picnic")
    await ann.press("[name=title]", "Tab")
    await expect(bob.locator("[name=title]")).to_have_value("Picnic")
    await expect(bob.locator("#filled")).to_contain_text("1 of 3")
    await bob.click("#submit")
    await expect(bob.locator("#problem")).to_contain_text("missing")


async def in_board(ann, bob):
    await ann.fill("#text", "Bake")
    await ann.press("#text", "Enter")
    await bob.get_by_label("Move Bake on").click()
    await expect(ann.locator("#doing")).to_contain_text("Bake")


async def in_blank(ann, bob):
    await ann.fill("#note", "Bring cake")
    await ann.click("#write button")
    await expect(bob.locator("#note")).to_have_value("Bring cake")


async def in_list(ann, bob):
    await ann.fill("#text", "Milk")
    await ann.press("#text", "Enter")
    await expect(bob.locator("#items")).to_contain_text("Milk")


def test_the_pages_work_for_two(serve, browser, run, tmp_path: Path):
    for kind in KINDS:
        hearth("new", f"my-{kind}", "--from", kind, "--recipes", tmp_path)
    server = serve(recipes=tmp_path)
    shots = os.environ.get("HEARTH_SCREENSHOTS")

    async def scenario():
        async with browser() as chromium:
            for kind, act in zip(KINDS, [in_list, in_chat, in_form, in_board, in_blank], strict=True):
                url = server.page(f"my-{kind}", kind)  # a room has one recipe
                ann, bob = await chromium.page(url), await chromium.page(url)
                for page in (ann, bob):
                    await expect(page.locator("#connection")).to_have_text("Connected")
                await act(ann, bob)
                # No part of it is wider than a phone.
                await bob.set_viewport_size({"width": 360, "height": 640})
                assert await bob.evaluate("document.documentElement.scrollWidth") <= 360, kind
                if shots:
                    await ann.screenshot(path=f"{shots}/{kind}.png")
                    await bob.emulate_media(color_scheme="dark")
                    await bob.screenshot(path=f"{shots}/{kind}-phone-dark.png")
                assert ann.faults == bob.faults == []

    run(scenario(), 120)


def test_a_page_does_not_enter_a_room_of_another_recipe(serve, browser, run, tmp_path: Path):
    for kind in KINDS:
        hearth("new", f"my-{kind}", "--from", kind, "--recipes", tmp_path)
    server = serve(recipes=tmp_path)

    async def scenario():
        async with browser() as chromium:
            first = await chromium.page(server.page("my-list", "home"))
            await expect(first.locator("#connection")).to_have_text("Connected")
            for kind in KINDS[1:]:
                other = await chromium.page(server.page(f"my-{kind}", "home"))
                await expect(other.locator("#connection")).to_have_text("Closed")
                await expect(other.locator("#problem")).to_have_text(
                    f'room "home" runs the recipe "my-list", not "my-{kind}"; '
                    "choose another name for the room (in the address)")
                assert other.faults == []

    run(scenario())


def test_the_pages_show_what_does_not_load(serve, browser, run, tmp_path: Path):
    for kind in KINDS:
        hearth("new", f"my-{kind}", "--from", kind, "--recipes", tmp_path)
    server = serve(recipes=tmp_path, command="dev")

    async def scenario():
        async with browser() as chromium:
            for kind in KINDS:
                page = await chromium.page(server.page(f"my-{kind}", kind))
                await expect(page.locator("#connection")).to_have_text("Connected")
                recipe = tmp_path / f"my-{kind}" / "recipe.lua"
                whole = recipe.read_text()
                recipe.write_text(f"{whole})\n")
                await expect(page.locator(".recipe-notice .place")).to_contain_text("recipe.lua:", timeout=15_000)
                recipe.write_text(f"{whole}-- mended\n")
                await expect(page.locator(".recipe-notice.broken")).to_have_count(0, timeout=15_000)
                assert page.faults == []

    run(scenario(), 120)


def test_an_author_has_room_beside_a_long_text(serve, browser, run, tmp_path: Path):
    """Squeezed to its narrowest the name was one letter wide."""
    hearth("new", "my-list", "--recipes", tmp_path)
    server = serve(recipes=tmp_path)

    async def scenario():
        async with browser() as chromium:
            page = await chromium.page(server.page("my-list", "long"))
            await expect(page.locator("#connection")).to_have_text("Connected")
            await page.fill("#text", "word " * 39)
            await page.press("#text", "Enter")
            for width in (360, 1100):
                await page.set_viewport_size({"width": width, "height": 640})
                author = await page.locator("#items small").bounding_box()
                assert author["height"] < 30, f"{author} in a window of {width}"

    run(scenario())
