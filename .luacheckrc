-- The globals that a recipe really has: what the sandbox leaves out is a warning here.
-- Made by `hearth meta`: do not edit.

stds.hearth = {
  read_globals = {
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal",
    "rawget", "rawlen", "rawset", "recipe", "require", "select", "setmetatable", "tonumber",
    "tostring", "type", "xpcall",
    coroutine = {
      fields = {
        "create", "isyieldable", "resume", "running", "status", "wrap", "yield",
      },
    },
    hearth = { fields = { "link_of", "list", "null" } },
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log",
        "max", "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt",
        "tan", "tointeger", "type", "ult",
      },
    },
    os = { fields = { "date", "time" } },
    string = {
      fields = {
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack",
        "packsize", "rep", "reverse", "sub", "unpack", "upper",
      },
    },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },
  },
}

-- What `*_spec.lua` has on top: busted's words, and rooms to try a recipe in.
stds.hearth_spec = {
  read_globals = {
    "describe", "it", "pending", "before_each", "after_each", "setup", "teardown", "explore",
    assert = { other_fields = true },
    hearth = { fields = { "room" } },
  },
}

std = "hearth"
max_line_length = 100
unused_args = false
exclude_files = { "**/_meta/**" }
files["**/*_spec.lua"].std = "hearth+hearth_spec"
