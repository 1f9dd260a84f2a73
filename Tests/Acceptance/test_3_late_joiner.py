"""One participant picks three fields, a second picks one; a third joins and has all four with who chose them; the first
reloads and has everything; the second drops for 10 s without a close frame, returns with `since`, and has what was
missed, by commits alone."""

import asyncio

from client import Client
from playwright.async_api import expect

AWAY_SECONDS = 10
CHOSEN = {"place": "Lisbon", "month": "May", "travel": "Train", "stay": "Flat"}


async def shows_all(page, ann: str) -> None:
    for field, value in CHOSEN.items():
        who = "Bob" if field == "stay" else ann
        await expect(page.locator(f"#field-{field} .who")).to_contain_text(f"{who} chose {value} at")
        await expect(page.locator(f"#field-{field} input:checked")).to_have_value(value)


async def join_form(page) -> None:
    await page.click("#join button")
    await expect(page.locator("#ready")).to_be_visible()


def test_a_late_joiner_a_reload_and_a_drop_have_everything(serve, browser, run):
    server = serve()

    async def scenario():
        async with browser() as chromium:
            url = server.page("conflict-resolution", "trip")
            ann = await chromium.page(url, "Ann")
            await join_form(ann)
            bob = await Client(server.room("trip", "conflict-resolution"), "Bob").enter()
            await bob.send("join_form", {"name": "Bob"})

            for field in ("place", "month", "travel"):
                await ann.check(f"input[value={CHOSEN[field]}]")
                await expect(ann.locator(f"#field-{field} .who")).to_contain_text("You chose")
            await bob.send("select", {"field": "stay", "value": "Flat"})

            cleo = await chromium.page(url, "Cleo")
            await shows_all(cleo, "Ann")
            await ann.reload()
            await shows_all(ann, "You")

            bob.drop()
            await bob.until(lambda: bob.closed)
            left_at = bob.seq
            await join_form(cleo)
            for field, value in (("place", "Ghent"), ("month", "June")):
                await cleo.check(f"input[value={value}]")
                await expect(ann.locator(f"#field-{field} .who")).to_contain_text(f"Cleo chose {value}")
            await asyncio.sleep(AWAY_SECONDS)

            bob.received.clear()
            session = bob.joined["session"]
            await bob.enter()
            assert bob.joined["resumed"] and bob.joined["session"] == session
            await bob.until(lambda: bob.seq >= bob.joined["seq"])
            assert "cells" not in bob.joined and not list(bob.of("sync_response"))
            missed = [commit["seq"] for commit in bob.of("commit")]
            assert missed == list(range(left_at + 1, bob.seq + 1)) and len(missed) >= 3
            now = {field: (chosen["value"], bob.cells["names"][chosen["userId"]])
                   for field, chosen in bob.cells["selections"].items()}
            assert now == {
                "place": ("Ghent", "Cleo"), "month": ("June", "Cleo"), "travel": ("Train", "Ann"), "stay": ("Flat", "Bob")}
            assert bob.cells["selections"] == server.cells("trip")["selections"]
            assert ann.faults == cleo.faults == []

    run(scenario(), 90)
