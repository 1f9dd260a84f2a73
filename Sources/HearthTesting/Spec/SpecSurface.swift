package import HearthLua

/// What a spec finds besides what a recipe has, as data: for editor stubs, luacheck and the reference. A test compares
/// it with what a spec really finds.
package enum SpecSurface {
    package struct Word: Sendable, Hashable {
        package var name: String
        package var arguments: [HostFunction.Argument]
        package var isVariadic = false
        package var returns: String?
        package var summary: String

        init(
            _ name: String, _ arguments: [HostFunction.Argument] = [], isVariadic: Bool = false,
            returns: String? = nil, _ summary: String
        ) {
            self.name = name
            self.arguments = arguments
            self.isVariadic = isVariadic
            self.returns = returns
            self.summary = summary
        }
    }

    private static let title = HostFunction.Argument("name", "string", "a sentence")
    private static let body = HostFunction.Argument("body", "fun()", "what it does")
    private static let event = HostFunction.Argument("event", "string", "the handler")
    private static let data = HostFunction.Argument("data", "any", optional: true, "what it is sent")

    /// Globals.
    package static let globals: [Word] = [
        Word("describe", [title, body], "A group of tests."),
        Word("it", [title, body], "A test."),
        Word("pending", [title], "A test that is not to run yet; inside a test: what follows is not to run yet."),
        Word("before_each", [body], "Runs before every test of the group."),
        Word("after_each", [body], "Runs after every test of the group, also after one that failed."),
        Word("setup", [body], "Runs once before the tests of the group; its rooms stay open for all of them."),
        Word("teardown", [body], "Runs once after the tests of the group."),
        Word(
            "explore",
            [
                .init(
                    "options",
                    "{runs: integer?, seed: integer?, recipe: string?, input: any?, faults: boolean?}",
                    "how many runs, from which seed"),
                .init("body", "fun(room: hearth.SpecRoom): fun()?", "what happens; may return what must hold after"),
            ], "Runs a body in many interleavings; a failure tells the shortest schedule and its seed."),
        Word(
            "hearth.room",
            [
                .init("recipe", "string", "its name"),
                .init(
                    "options", "{seed: integer?, input: any?, id: string?}", optional: true,
                    "what the room is made with"),
            ], returns: "hearth.SpecRoom", "Opens a room in memory, with a clock of its own."),
    ]

    package static let roomMethods: [Word] = [
        Word(
            "join", [.init("options", "{name: string?, roles: string[]?, id: string?}", optional: true, "who")],
            returns: "hearth.SpecParticipant", "Lets a participant in."),
        Word("step", [], returns: "boolean", "One piece of work; true while more is left."),
        Word("run", [], "Everything up to the moment when nothing is left to do but to wait."),
        Word("advance", [.init("ms", "number", "milliseconds")], "Lets virtual time pass."),
        Word(
            "conflict", [.init("options", "{handler: string, times: integer?}", "whose next commits meet a conflict")],
            "Makes the next commits of a handler meet a conflict."),
        Word("restart", [], "Stops the server and starts it again."),
        Word("discard", [], "Throws the Lua VM away, as a crossed limit does."),
        Word("call", [event, data], returns: "table", "An event that no participant sends."),
        Word(
            "reload",
            [.init("options", "{source: string}", "the new recipe")],
            "Loads another version of the recipe into the running room."),
        Word(
            "concurrently", [.init("body", "fun()", "one participant's part")], isVariadic: true,
            "Functions that do their part at once; in `explore`, every run in another order."),
    ]

    package static let roomFields: [HostFunction.Argument] = [
        .init("cells", "table<string, any>", "the cells as they are stored"),
        .init("stats", "table<string, integer>", "events, commits, conflicts, reruns, reattached, …"),
        .init("happened", "string[]", "what went wrong on purpose in `explore`: conflict, drop, away, lose, double, …"),
        .init("now", "integer", "virtual time in milliseconds"),
        .init("id", "string", "the room's id"),
    ]

    package static let participantMethods: [Word] = [
        Word(
            "send", [event, data], returns: "table", "Sends an event; returns the ack, raises what a client would get."),
        Word(
            "try", [event, data], returns: "table?, table?", "The same without raising: the ack, or nil and the error."),
        Word(
            "start", [event, data], returns: "table", "Sends without waiting; has `done`, and then `ack` or `error`."),
        Word(
            "set", [.init("cell", "string", "the name"), .init("value", "any", "the value")],
            "Writes an ephemeral cell of the participant's own."),
        Word(
            "message", [.init("message", "table", "with a `type`")],
            "Says a raw JSON message, as a PartySocket client does; what it brings is heard in `signals` and `errors`."),
        Word(
            "on_ask", [.init("answer", "fun(name: string, data: any): any", "answers `ctx.ask`; nil stays silent")],
            "How this participant answers questions; without it they time out."),
        Word("disconnect", [], "Loses the connection."),
        Word("resume", [], "Comes back to its session, with what it has seen."),
        Word("reload", [], "Comes back to its session as a page that was loaded anew."),
        Word("leave", [], "Ends its session."),
    ]

    package static let participantFields: [HostFunction.Argument] = [
        .init("view", "table<string, any>", "what its replica shows, links resolved"),
        .init("signals", "table[]", "the signals it got"),
        .init("errors", "table[]", "the errors it got"),
        .init("commits", "table[]", "the commits it saw"),
        .init("id", "string", "its identity"),
        .init("session", "string", "its session"),
        .init("name", "string?", "its name"),
        .init("seq", "integer", "the commit that its replica is at"),
        .init("connected", "boolean", "whether it has a connection"),
        .init("closed", "table?", "why its session ended"),
    ]

    /// `assert.NAME`; further words of busted (`are`, `is_not`, `has_no`) may stand between.
    package static let assertions: [Word] = [
        Word("equal", [.init("expected", "any", ""), .init("actual", "any", "")], "Equal by `==`."),
        Word("same", [.init("expected", "any", ""), .init("actual", "any", "")], "Equal all the way down."),
        Word("is_true", [.init("value", "any", "")], "It is `true`."),
        Word("is_false", [.init("value", "any", "")], "It is `false`."),
        Word("is_nil", [.init("value", "any", "")], "It is nil."),
        Word("is_not_nil", [.init("value", "any", "")], "It is not nil."),
        Word("truthy", [.init("value", "any", "")], "It is neither nil nor false."),
        Word("falsy", [.init("value", "any", "")], "It is nil or false."),
        Word(
            "near", [.init("expected", "number", ""), .init("actual", "number", ""), .init("tolerance", "number", "")],
            "As good as equal."),
        Word("matches", [.init("pattern", "string", ""), .init("actual", "string", "")], "A Lua pattern matches it."),
        Word(
            "has_error", [.init("action", "fun()", ""), .init("expected", "any", optional: true, "")],
            "It raises an error: this text, this code, or any."),
    ]
}
