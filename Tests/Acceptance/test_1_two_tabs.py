"""Two Chromium pages, 60 alternating sends, a reload of each half-way, a kill -9 of the server: both show the same 60
messages in the same order, and a rename changes the author in all of them, in both."""

from playwright.async_api import expect

SENDS = 60
PATIENCE_MS = 20_000


async def live(page) -> None:
    await expect(page.locator("#connection")).to_have_text("Connected", timeout=PATIENCE_MS)


async def say(page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")
    await expect(page.locator("#pending li")).to_have_count(0, timeout=PATIENCE_MS)


async def shown(page) -> list[tuple[str, str]]:
    await expect(page.locator("#messages .text")).to_have_count(SENDS, timeout=PATIENCE_MS)
    authors = await page.locator("#messages .author").all_text_contents()
    return list(zip(authors, await page.locator("#messages .text").all_text_contents(), strict=True))


def test_two_tabs_show_the_same_sixty_messages(serve, browser, run):
    server = serve()

    async def scenario():
        async with browser() as chromium:
            url = server.page("chat", "kitchen")
            ann, bob = await chromium.page(url, "Ann"), await chromium.page(url, "Bob")
            await live(ann), await live(bob)

            for number in range(SENDS):
                if number == SENDS // 2:
                    await ann.reload()
                    await live(ann)
                    await bob.reload()
                    await live(bob)
                if number == SENDS * 2 // 3:
                    server.restart()  # the pages find out by themselves
                await say(*((ann, f"ann {number}") if number % 2 == 0 else (bob, f"bob {number}")))

            wanted = [("Ann", f"ann {n}") if n % 2 == 0 else ("Bob", f"bob {n}") for n in range(SENDS)]
            assert await shown(ann) == wanted
            assert await shown(bob) == wanted

            await ann.click("#rename")
            await ann.fill("#name", "Ann B.")
            await ann.press("#name", "Enter")
            renamed = [("Ann B." if author == "Ann" else author, text) for author, text in wanted]
            for page in (ann, bob):
                authors = page.locator("#messages .author", has_text="Ann B.")
                await expect(authors).to_have_count(SENDS // 2, timeout=PATIENCE_MS)
                assert await shown(page) == renamed
                assert page.faults == []

    run(scenario(), 120)
