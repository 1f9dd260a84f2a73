"""`hearth types` and hearth.d.ts, judged by the TypeScript compiler."""

import json
import subprocess
from pathlib import Path

import pytest

from server import ROOT, binary

PAGE = """
import { connect } from "./hearth.js";
/** @typedef {import("./chat").Chat} Chat */
const room = /** @type {import("./hearth.js").Room<Chat>} */ (connect({ room: "x", recipe: "chat" }));
/** @type {string | undefined} */
const name = room.cells.messages[0].author?.name;
/** @type {number} */
const count = room.cells.count;
/** @type {string | undefined} */
const own = room.cells["user@s1"]?.name;
/** @type {number} */
const at = room.cells.recent[0].at;
await room.send("send", { text: "hi" });
console.log(name, count, own, at);
// A room without types takes everything.
const any = connect("ws://127.0.0.1/rooms/x");
await any.send("whatever", { you: "like" });
await any.send("nothing");
console.log(any.cells.anything[3].goes);
"""

WRONG = [
    ("room.cells.mesages", "Did you mean 'messages'"),
    ("room.cells.messages[0].author.nmae", "nmae"),
    ('room.send("sned", { text: "hi" })', "sned"),
    ('room.send("send", { txt: "hi" })', "txt"),
    ('room.send("send")', "Expected 2-3 arguments"),
    ("room.cells.count = 1", "read-only"),
]


def types(*arguments: str) -> str:
    done = subprocess.run([binary(), "types", *arguments], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    web = ROOT / "Sources/HearthServer/Web"
    (tmp_path / "hearth.d.ts").write_text((web / "hearth.d.ts").read_text())
    (tmp_path / "chat.d.ts").write_text(types("chat", "--ts"))
    return tmp_path


def tsc(folder: Path, page: str) -> str:
    (folder / "page.js").write_text(page)
    flags = ["--noEmit", "--checkJs", "--allowJs", "--strict", "--target", "es2022", "--module", "es2022",
             "--moduleResolution", "node", "--lib", "es2022,dom", "--pretty", "false"]
    done = subprocess.run(["tsc", *flags, "page.js"], capture_output=True, text=True, timeout=120, cwd=folder)
    return done.stdout


def test_a_page_with_the_types_of_its_recipe_is_checked(folder: Path):
    assert tsc(folder, PAGE) == ""


def test_mistakes_of_a_page_are_found(folder: Path):
    page = PAGE + "\n".join(line + ";" for line, _ in WRONG)
    found = tsc(folder, page).splitlines()
    first = len(PAGE.splitlines()) + 1
    for number, (line, says) in enumerate(WRONG):
        about = [text for text in found if text.startswith(f"page.js({first + number},")]
        assert any(says in text for text in about), f"{line}: {found}"


def test_every_shipped_recipe_has_types_that_compile(folder: Path):
    for name in ["counter", "conflict-resolution"]:
        (folder / f"{name}.d.ts").write_text(types(name, "--ts"))
    page = "/** @typedef {import('./counter').Counter} C */\n/** @typedef {import('./conflict-resolution').ConflictResolution} R */\n"
    page += "export const f = (/** @type {C} */ c, /** @type {R} */ r) => [c.cells.count + 1, r.cells.seats['x']];"
    assert tsc(folder, page) == ""


def test_the_schema_is_one(folder: Path):
    schema = json.loads(types("chat", "--json-schema"))
    assert schema["properties"]["events"]["properties"]["send"]["required"] == ["text"]
    assert schema["properties"]["cells"]["properties"]["messages"]["type"] == "array"


def test_a_recipe_that_is_not_there_is_named(folder: Path):
    done = subprocess.run([binary(), "types", "caht", "--ts"], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 1 and "there are: chat" in done.stderr
