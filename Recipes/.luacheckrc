-- The globals of the sandbox, no more: `luacheck --config Recipes/.luacheckrc Recipes`.
max_line_length = 100
exclude_files = { "**/_meta/**" }

stds.hearth = {
  read_globals = {
    "assert", "error", "ipairs", "next", "pairs", "pcall", "xpcall", "select", "tonumber", "tostring",
    "type", "rawequal", "rawlen", "rawget", "rawset", "setmetatable", "getmetatable", "print", "require",
    "recipe",
    hearth = { fields = { "null", "list", "link_of" } },
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
        "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan",
        "tointeger", "type", "ult",
      },
    },
    string = {
      fields = {
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize",
        "rep", "reverse", "sub", "unpack", "upper",
      },
    },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },
    coroutine = {
      fields = { "create", "isyieldable", "resume", "running", "status", "wrap", "yield" },
    },
    os = { fields = { "time", "date" } },
  },
}

stds.hearth_spec = {
  read_globals = {
    "describe", "it", "before_each", "after_each", "pending", "explore",
    hearth = { fields = { "room" } },
    assert = { other_fields = true },
  },
}

std = "hearth"
files["**/*_spec.lua"].std = "hearth+hearth_spec"
