"""The ten parts in which a transport fails elsewhere, each checked from outside. A part has one server; a test has a room
of its own in it, and may be a coroutine."""

import asyncio
import inspect
import re
from pathlib import Path

import pytest
from client import Client
from server import TEST_RECIPES, Server

SECONDS = 60
# A part may name flags for its server: ARGUMENTS = ("--heartbeat", "1").


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs a test that is a coroutine, for at most a minute."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}

    async def bounded():
        async with asyncio.timeout(SECONDS):
            await pyfuncitem.obj(**given)

    asyncio.run(bounded())
    return True


@pytest.fixture(scope="module")
def part(request, tmp_path_factory) -> Server:
    work: Path = tmp_path_factory.mktemp("part")
    server = Server(work, recipes=TEST_RECIPES, arguments=getattr(request.module, "ARGUMENTS", ()))
    yield server.start()
    server.stop()
    print(f"--- {server.log_path}\n{server.tail()}")


@pytest.fixture
def room(request) -> str:
    """The name of a room that nobody else uses."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-60:]


@pytest.fixture
def enter(part, room):
    """`await enter("Ann")`: somebody who has joined the test's room."""

    async def join(name: str | None = None, recipe: str = "plaza", at: str | None = None, **options) -> Client:
        return await Client(part.room(at or room, recipe), name, **options).enter()

    return join
