/// What recipes find in their environment besides Lua's own functions, or in another form than Lua has it.
extension SandboxSurface {
    /// A function of the sandbox.
    package struct Function: Sendable, Hashable {
        /// "hearth.list"
        package var name: String
        package var arguments: [HostFunction.Argument]
        package var isVariadic = false
        package var returns: String?
        package var summary: String
    }

    /// Hearth's own.
    package static let own: [Function] = [
        .init(
            name: "recipe", arguments: [.init("declaration", "hearth.Recipe", "all that there is to say")],
            returns: "hearth.Recipe", summary: "Declares a recipe: the file ends in `return recipe { … }`."),
        .init(
            name: "hearth.list", arguments: [.init("items", "any[]", "a table, perhaps an empty one")],
            returns: "any[]", summary: "Makes it a list: `{}` alone is an object where no type is declared."),
        .init(
            name: "hearth.link_of", arguments: [.init("value", "any", "a cell, or something in one")],
            returns: "hearth.Link", summary: "The link itself: equal links lead to the same place."),
    ]

    /// Lua's functions that are not quite as Lua has them.
    package static let changed: [Function] = [
        .init(
            name: "print", arguments: [.init("value", "any", "what to write")], isVariadic: true,
            summary: "Writes to the server's log, as `ctx.log` does."),
        .init(
            name: "require", arguments: [.init("name", "string", "a file of the recipe's folder, or `hearth.types`")],
            returns: "any", summary: "Loads a module of the recipe's own; its tables are read-only afterwards."),
        .init(
            name: "math.random",
            arguments: [
                .init("low", "integer", optional: true, "least, or greatest when alone"),
                .init("high", "integer", optional: true, "greatest"),
            ], returns: "number", summary: "Seeded by the event: equal on a re-run."),
        .init(
            name: "os.time", arguments: [.init("at", "table", optional: true, "a date; now unless given")],
            returns: "integer", summary: "Seconds since 1970 of `ctx.now`, in UTC."),
        .init(
            name: "os.date",
            arguments: [
                .init("format", "string", optional: true, "as in Lua"),
                .init("time", "integer", optional: true, "seconds since 1970; `ctx.now` unless given"),
            ], returns: "string|table", summary: "A date in UTC."),
    ]

    /// What Lua has and recipes do not, with what to do instead.
    package static let absent: [String: String] = [
        "io": "a recipe has no files: state belongs in cells, and ctx.log writes to the server's log",
        "debug": "a recipe has no debug library: ctx.log writes to the server's log",
        "package": "modules are files of the recipe's folder: require \"name\"",
        "load": "code is not made at run time: write a function, or a module for require",
        "loadstring": "code is not made at run time: write a function, or a module for require",
        "loadfile": "use require: it takes the files of the recipe's folder",
        "dofile": "use require: it takes the files of the recipe's folder",
        "collectgarbage": "memory is collected between events",
        "_G": "there is no table of globals: name what you mean",
        "_ENV": "there is no table of globals: name what you mean",
        "_VERSION": "it is Lua 5.4",
        "unpack": "in Lua 5.4 it is table.unpack",
        "setfenv": "there are no function environments in Lua 5.4",
        "getfenv": "there are no function environments in Lua 5.4",
        "warn": "ctx.log writes to the server's log",
        "string.dump": "code is not made at run time",
        "coroutine.close": "let the coroutine end by itself",
        "math.randomseed": "random numbers are seeded by the event, so that a re-run draws the same",
        "math.pow": "in Lua 5.4 it is x ^ y",
        "math.ldexp": "in Lua 5.4 it is x * 2.0 ^ n",
        "os.clock": "ctx.now is the time of the event, in milliseconds",
        "os.difftime": "subtract one time from the other",
        "os.getenv": "a recipe sees nothing of the machine that it runs on",
        "os.execute": "a recipe sees nothing of the machine that it runs on",
        "os.exit": "ctx.fail(code, message) ends the event",
        "os.remove": "a recipe has no files: state belongs in cells",
        "os.rename": "a recipe has no files: state belongs in cells",
        "os.tmpname": "a recipe has no files: state belongs in cells",
        "os.setlocale": "text is UTF-8, and numbers are written with a point",
        "table.getn": "in Lua 5.4 it is #list",
        "table.foreach": "in Lua 5.4 it is for key, value in pairs(t) do",
    ]
}
