"""The command as a person meets it: new, recipes, rooms, verify, and what it says when something is wrong."""

import json
import os
import sqlite3
import subprocess
from pathlib import Path

from server import Server, binary


def hearth(*arguments, status: int = 0, **environment) -> str:
    done = subprocess.run(
        [binary(), *map(str, arguments)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    if status != 0:
        assert len(done.stderr.splitlines()) == 1, f"an error is one line: {done.stderr}"
        return done.stderr
    return done.stdout


def post(server: Server, room: str, name: str, data: dict | None = None) -> None:
    subprocess.run(
        ["curl", "--silent", "--fail", "--max-time", "10", f"{server.http}/rooms/{room}/events", "--header",
         "Content-Type: application/json", "--data", json.dumps({"name": name, "data": data or {}})],
        check=True, capture_output=True)


def counted(serve, times: int) -> Server:
    server = serve()
    hearth("rooms", "create", "score", "--recipe", "counter", "--server", server.http)
    for _ in range(times):
        post(server, "score", "increment")
    return server


def test_new_writes_a_recipe_that_works_at_once(serve, tmp_path: Path):
    recipes = tmp_path / "mine"
    hearth("new", "todo", "--recipes", recipes)
    assert "todo" in hearth("recipes", recipes)
    assert "exists already" in hearth("new", "todo", "--recipes", recipes, status=1)

    server = serve(recipes=recipes)
    assert server.get("/r/todo/todo").status == 200
    assert server.get("/assets/todo/page.js").status == 200
    hearth("rooms", "create", "home", "--recipe", "todo", "--server", server.http)
    cells = server.cells("home")
    assert cells["items"] == [] and cells["left"] == 0


def test_a_broken_recipe_is_named_with_file_and_line(tmp_path: Path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "recipe.lua").write_text('local t = require "hearth.types"\nreturn recipe {\n  name = "broken"\n  version = 1 }\n')
    done = subprocess.run([binary(), "recipes", tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "recipe.lua:4" in done.stdout + done.stderr or "recipe.lua:3" in done.stdout + done.stderr


def test_two_recipes_of_one_name_are_one_too_many_and_said(serve, tmp_path: Path):
    recipes = tmp_path / "recipes"
    (recipes / "twin").mkdir(parents=True)
    one = 'return recipe { name = "twin", version = 1, handlers = { first = function() end } }\n'
    (recipes / "twin" / "recipe.lua").write_text(one)
    (recipes / "twin.lua").write_text(one.replace("first", "second"))
    done = subprocess.run([binary(), "check", recipes], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "twin.lua: error: " in done.stdout and "recipes/twin is a recipe called twin too" in done.stdout, done.stdout
    server = serve(recipes=recipes)
    assert len(server.log_lines("recipe left out", "twin.lua", "recipes/twin is a recipe called twin too")) == 1
    assert '"first"' in server.get("/recipes/twin").text


def test_rooms_are_listed_shown_and_verified_while_the_server_runs(serve):
    server = counted(serve, 3)
    for source in (("--data", server.data), ("--server", server.http)):
        listed = [json.loads(line) for line in hearth("rooms", "list", "--json", *source).splitlines()]
        assert [(room["id"], room["recipe"]) for room in listed] == [("score", "counter")]
        assert "score" in hearth("rooms", "show", "score", *source)
    stats = server.get("/rooms/score").json["stats"]
    assert stats["commits"] == 4 and stats["conflicts"] == stats["failures"] == 0, "made, and counted thrice"
    assert json.loads(hearth("rooms", "show", "score", "--cells", "--data", server.data))["count"] == 3
    head = listed[0]["seq"]
    earlier = hearth("rooms", "show", "score", "--at", head - 1, "--data", server.data)
    assert json.loads(earlier)["count"] == 2
    assert "ok" in hearth("verify", "--data", server.data)
    assert "ok" in hearth("verify", "score", "--data", server.data)


def test_a_room_is_exported_imported_and_deleted(serve, tmp_path: Path):
    server = counted(serve, 5)
    exported = tmp_path / "score.jsonl"
    hearth("rooms", "export", "score", "--output", exported, "--data", server.data)
    other = tmp_path / "other"
    assert "Imported" in hearth("rooms", "import", exported, "--data", other)
    assert "exists" in hearth("rooms", "import", exported, "--data", other, status=1)
    hearth("rooms", "import", exported, "--as", "copy", "--data", other)
    assert "2 rooms" in hearth("verify", "--data", other)
    assert json.loads(hearth("rooms", "show", "copy", "--cells", "--data", other))["count"] == 5

    lines = exported.read_text().splitlines()
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join(line.replace("increment", "decrement") for line in lines) + "\n")
    assert hearth("rooms", "import", broken, "--as", "bad", "--data", other, status=1).startswith("hearth: Line ")
    assert "--yes" in hearth("rooms", "delete", "copy", "--data", other, status=1)
    hearth("rooms", "delete", "copy", "--yes", "--data", other)
    assert "1 room" in hearth("verify", "--data", other)
    assert "Stop it" in hearth("rooms", "delete", "score", "--yes", "--data", server.data, status=1)


def test_verify_finds_a_changed_fact(serve):
    server = counted(serve, 3)
    server.stop()
    database = sqlite3.connect(server.database())
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = next(name for name in tables if "fact" in name)
    database.execute(f"UPDATE {table} SET content = replace(content, '\"increment\"', '\"decrement\"')")
    database.commit()
    database.close()
    done = subprocess.run([binary(), "verify", "--data", server.data], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "damaged" in done.stdout and "score" in done.stdout


def test_errors_say_what_to_do():
    assert "--data" in hearth("rooms", "list", "--data", "/nonexistent", status=1)
    assert "Did you mean '--data'" in hearth("verify", "--dat", "x", status=64)
    assert "HEARTH_PORT" in hearth("serve", status=64, HEARTH_PORT="high")
    assert "true or false" in hearth("serve", status=64, HEARTH_AUTO_CREATE="perhaps")
    assert "serve" in hearth("--help") and hearth("--version").strip()


def test_a_flag_in_the_environment_is_a_flag(serve):
    server = counted(serve, 1)
    assert "score" in hearth("rooms", "list", HEARTH_DATA=str(server.data))
    assert "There are no rooms" in hearth("rooms", "list", "--data", "/nonexistent", status=1, HEARTH_DATA=str(server.data))


def test_dev_takes_limits_as_serve_does(serve, tmp_path: Path):
    assert "--limit" in hearth("dev", "--help")
    assert "'--limit'" in hearth("dev", "--limit", "nonsense=1", status=64)
    assert "take one from 0 to 65535" in hearth("dev", "--port", "99999", status=64)
    recipe = tmp_path / "busy.lua"
    recipe.write_text(
        'return recipe { name = "busy", version = 1, cells = {},\n'
        "  handlers = { work = function() for _ = 1, 100000 do end end } }\n")
    for limits, status in (((), 200), (("--limit", "busy:instructions=2000"), 422)):
        server = serve(recipes=recipe, command="dev", arguments=("--no-specs", *limits))
        assert server.post("/rooms", {"id": "room", "recipe": "busy"}).status in (201, 409)
        assert server.post("/rooms/room/events", {"name": "work"}).status == status
        server.stop()
