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

    /// Modules that `require` knows besides the recipe's own files.
    package static let modules = ["hearth.types"]
}
