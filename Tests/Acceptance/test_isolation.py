"""`hearth serve --isolate process`: recipes in processes of their own. Whatever happens to such a process, the event under
way runs once more in another, then is refused; the room goes on, and nothing is left behind."""

import asyncio
import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
from client import Client, Refused
from server import RECIPES, TEST_RECIPES, Server

ISOLATED = ("--isolate", "process")


def workers(server: Server) -> list[int]:
    """The processes that the server started and that have not been reaped."""
    found = []
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def state(pid: int) -> str:
    """R for running, S for sleeping, Z for a zombie; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def is_locked_up(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    return False


async def busy(server: Server) -> int:
    """The process that runs a handler: locked up, and computing whenever it is looked at."""
    async with asyncio.timeout(20):
        while True:
            for pid in workers(server):
                seen = 0
                while seen < 3 and state(pid) == "R" and is_locked_up(pid):
                    seen += 1
                    await asyncio.sleep(0.003)
                if seen == 3:
                    return pid
            await asyncio.sleep(0)


@pytest.fixture
def server(serve) -> Server:
    # What is cut short after its slice, or at its limit, is no longer there to be killed.
    patient = ("--slow-lane", "0", "--limit", "stranger:milliseconds=1500", "--limit", "stranger:instructions=0")
    return serve(recipes=TEST_RECIPES, arguments=(*ISOLATED, *patient))


def metric(server: Server, name: str) -> int:
    lines = server.get("/metrics").text.splitlines()
    return int(next(line for line in lines if line.startswith(f"hearth_{name} ")).split()[1])


def test_two_people_chat(serve, run):
    server = serve(recipes=RECIPES, arguments=ISOLATED)

    async def scenario():
        ann = await Client(server.room("lobby", "chat"), "Ann").enter()
        bob = await Client(server.room("lobby", "chat"), "Bob").enter()
        for number in range(20):
            ack = await ann.send("send", {"text": f"from Ann {number}"})
            await bob.send("send", {"text": f"from Bob {number}"})
        await bob.until(lambda: bob.seq > ack["seq"])
        assert [message["text"] for message in bob.cells["messages"]] == [
            f"from {name} {number}" for number in range(20) for name in ("Ann", "Bob")]
        assert bob.look(bob.cells["messages"][0]["author"])["name"] == "Ann"
        with pytest.raises(Refused) as refused:
            await ann.send("send", {"text": ""})
        assert refused.value.code == "invalid_data"

    run(scenario())
    assert len(workers(server)) >= 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_an_event_whose_process_dies_runs_again_and_is_answered_once(server, run, how):
    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        other = await Client(server.room("other", "stranger"), "Eve").enter()
        answer = await ann.start("slow_once")
        os.kill(await busy(server), how)
        ack = await answer
        assert ack["runs"] == 2
        assert (await other.send("fine")).get("runs", 1) == 1
        await ann.send("fine")
        assert ann.cells["count"] == 2 and server.cells("r")["count"] == 2
        assert len(list(ann.of("ack"))) == 2 and not list(ann.of("error"))

    run(scenario())
    (line,) = server.log_lines("recipe process replaced")
    assert all(part in line for part in ("stranger", "slow_once", "signal", "runs again")), line
    assert metric(server, "recipe_processes_lost_total") == 1
    assert not [pid for pid in workers(server) if state(pid) == "Z"]


def test_an_event_whose_process_dies_twice_is_refused_and_the_next_one_runs(server, run):
    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        await ann.send("fine")
        answer = await ann.start("slow")
        for _ in range(2):
            os.kill(await busy(server), signal.SIGKILL)
        with pytest.raises(Refused) as refused:
            await answer
        assert refused.value.code == "handler_failed" and "signal 9" in str(refused.value)
        assert refused.value.details["handler"] == "slow"
        await ann.send("fine")
        assert ann.cells["count"] == 2 == server.cells("r")["count"]

    run(scenario())
    assert len(server.log_lines("recipe process replaced")) == 2


def test_a_process_that_is_stopped_is_replaced(server, run):
    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        answer = await ann.start("slow_once")
        stopped = await busy(server)
        os.kill(stopped, signal.SIGSTOP)
        assert (await answer)["runs"] == 2
        assert stopped not in workers(server)

    run(scenario())
    assert server.log_lines("recipe process replaced", "hung")


def test_a_limit_is_a_limit_there_too(server, run):
    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        for name, code, line in (("broken", "handler_failed", 29), ("hang", "budget_exceeded", 28)):
            with pytest.raises(Refused) as refused:
                await ann.send(name)
            assert refused.value.code == code
            assert refused.value.details["file"] == "recipe.lua" and refused.value.details["line"] == line
        assert (await ann.send("fine")).get("runs", 1) == 1

    run(scenario())
    assert not server.log_lines("recipe process replaced")


def test_processes_are_locked_up_and_end_with_a_server_that_is_killed(server, run):
    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        (await ann.start("slow")).add_done_callback(lambda answer: answer.exception())
        await busy(server)

    run(scenario())
    found = workers(server)
    assert found
    for pid in found:
        if not is_locked_up(pid):
            continue  # it has only just begun
        status = Path(f"/proc/{pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status and "Threads:\t1" in status
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max open files +4 ", limits) and re.search(r"Max processes +0 ", limits)
        assert os.getsid(pid) == pid
    server.kill()
    until = time.monotonic() + 5
    while left := [pid for pid in found if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < until, f"{left} outlived their server"
        time.sleep(0.01)


def test_replaced_processes_leave_no_open_file(server, run):
    """The store opens and closes files of its own meanwhile; one file for each process would show all the same."""

    async def scenario():
        ann = await Client(server.room("r", "stranger"), "Ann").enter()
        files = []
        for _ in range(12):
            answer = await ann.start("slow_once")
            os.kill(await busy(server), signal.SIGKILL)
            await answer
            files.append(len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())))
        assert min(files[6:]) <= min(files[:6]) + 1, files

    run(scenario())


def test_a_process_has_room_for_what_the_operator_lets_recipes_use(serve, run, tmp_path):
    """Processes had room for the usual limit, whatever `--limit` said."""
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "large.lua").write_text("""
        return recipe { name = "large", version = 1, handlers = {
          fill = function()
            local kept = {}
            for number = 1, 70 do kept[number] = ("x"):rep(3000000 + number) end
            return #kept
          end,
        } }
    """)
    settings = ("large:memory_bytes=256MiB", "large:event_memory_bytes=0", "milliseconds=5000", "instructions=0")
    limits = [word for setting in settings for word in ("--limit", setting)]
    server = serve(recipes=recipes, arguments=(*ISOLATED, *limits))

    async def scenario():
        ann = await Client(server.room("hall", "large"), "Ann").enter()
        assert (await ann.send("fill"))["result"] == 70

    run(scenario())
