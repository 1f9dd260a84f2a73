-- The globals that a recipe really has: luacheck knows nothing else, so what the sandbox leaves out is a warning here.
-- A test compares this list with the sandbox's own.

local everything = { other_fields = true }

stds.hearth = {
  read_globals = {
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen",
    "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    "recipe",
    hearth = { fields = { "null", "list", "link_of" } },
    coroutine = { fields = { "create", "isyieldable", "resume", "running", "status", "wrap", "yield" } },
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
        "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan", "tointeger", "type",
        "ult",
      },
    },
    os = { fields = { "date", "time" } },
    string = {
      fields = {
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
        "reverse", "sub", "unpack", "upper",
      },
    },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },
  },
}

-- What `*_spec.lua` has on top: busted's words, and rooms to try a recipe in.
stds.hearth_spec = {
  read_globals = {
    "describe", "it", "before_each", "after_each", "setup", "teardown", "pending", "explore",
    assert = everything,
    hearth = { fields = { "room" } },
  },
}

std = "hearth"
max_line_length = 100
unused_args = false
exclude_files = { "Recipes/_meta" }
files["**/*_spec.lua"].std = "hearth+hearth_spec"

-- The Lua of the spec runner: trusted chunks, which find each other and are embedded in the command.
files["Sources/HearthTesting/Lua"].std = "hearth"
