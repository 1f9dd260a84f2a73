import asyncio
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from server import Server, chromium


@pytest.fixture
def serve(tmp_path: Path):
    """Starts servers that are ended with the test; a failing test shows the end of their logs."""
    servers: list[Server] = []

    def start(**options) -> Server:
        work = tmp_path / f"server{len(servers)}"
        work.mkdir()
        servers.append(Server(work, **options))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()
        print(f"--- {server.log_path}\n{server.tail()}")


@pytest.fixture
def run():
    """Runs a coroutine, for at most so many seconds."""

    def bounded(coroutine, seconds: float = 60):
        async def timed():
            async with asyncio.timeout(seconds):
                return await coroutine

        return asyncio.run(timed())

    return bounded


@pytest.fixture
def browser():
    """`async with browser() as b`: a headless Chromium."""

    class Browser:
        async def __aenter__(self):
            self.playwright = await async_playwright().start()
            self.browser = await self.playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            return self

        async def __aexit__(self, *_):
            await self.browser.close()
            await self.playwright.stop()

        async def page(self, url: str, name: str | None = None):
            """A page of its own profile. What it throws is an error of the test that opened it."""
            context = await self.browser.new_context()
            if name:
                await context.add_init_script(
                    f"localStorage.getItem('hearth:name') ?? localStorage.setItem('hearth:name', '{name}')")
            page = await context.new_page()
            page.faults = []
            page.on("pageerror", lambda fault: page.faults.append(str(fault)))
            await page.goto(url)
            return page

    return Browser
