/// What recipes find in their environment: exactly this. A test enumerates a real environment and compares.
package enum SandboxSurface {
    /// Global functions.
    package static let functions = [
        "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen",
        "rawset", "recipe", "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    ]

    /// Global tables and their fields.
    package static let libraries: [String: [String]] = [
        "coroutine": ["create", "isyieldable", "resume", "running", "status", "wrap", "yield"],
        "hearth": ["link_of", "list", "null"],
        "math": [
            "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
            "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan", "tointeger",
            "type", "ult",
        ],
        "os": ["date", "time"],
        "string": [
            "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
            "reverse", "sub", "unpack", "upper",
        ],
        "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
        "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
    ]

    /// What lies in the metatables of values that are no tables of the recipe's own; none of these can be got hold of.
    package static let metamethods: [String: [String]] = [
        "nil": [], "function": [], "thread": [],
        "boolean": ["__index"], "number": ["__index"],
        "string": ["__add", "__div", "__idiv", "__index", "__mod", "__mul", "__pow", "__sub", "__unm"],
        "null": ["__metatable", "__name", "__tostring"],
        "link": ["__eq", "__metatable", "__name", "__tostring"],
        "failure": ["__metatable", "__name", "__tostring"],
        "list": ["__metatable", "__name"],
        "cell": [
            "__add", "__concat", "__div", "__eq", "__idiv", "__index", "__le", "__len", "__lt", "__metatable", "__mod",
            "__mul", "__name", "__newindex", "__pow", "__sub", "__tostring", "__unm",
        ],
    ]

    /// Modules that `require` knows besides the recipe's own files.
    package static let modules = ["hearth.types"]
}
