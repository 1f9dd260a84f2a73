package import HearthLua

/// What can be said in a recipe's declaration, as data: the loader knows these fields and no others, and the editor
/// stubs, the reference and `hearth check` are made from the same table.
package enum RecipeSurface {
    /// A named field of a table that an author writes, or that a handler is given.
    package struct Field: Sendable, Hashable {
        package var name: String
        /// A LuaLS type.
        package var type: String
        package var isRequired: Bool
        /// One line.
        package var summary: String

        package init(_ name: String, _ type: String, required: Bool = false, _ summary: String) {
            self.name = name
            self.type = type
            isRequired = required
            self.summary = summary
        }
    }

    /// A function that an author writes and the engine calls.
    package struct Callback: Sendable, Hashable {
        package var name: String
        package var parameters: [Field]
        package var returns: String?
        package var summary: String

        package init(_ name: String, _ parameters: [Field], returns: String? = nil, _ summary: String) {
            self.name = name
            self.parameters = parameters
            self.returns = returns
            self.summary = summary
        }

        /// As LuaLS writes the type of a function.
        package var type: String {
            let list = parameters.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
            return "fun(\(list))" + (returns.map { ": \($0)" } ?? "")
        }
    }

    static let cells = Field("cells", "hearth.Cells", "the cells of the room, and the participant's own")
    static let context = Field("ctx", "hearth.Context", "who, when, and what may be done besides writing cells")

    /// `run` of a handler.
    package static let run = Callback(
        "run", [cells, Field("data", "any", "what was sent, as the schema lets it through"), context], returns: "any?",
        "Runs in one transaction; what it returns is the `result` of the sender's `ack`.")

    package static let recipe: [Field] = [
        Field("name", "string", required: true, "The name of the folder or file it lies in."),
        Field("version", "integer", "1 unless said. Raise it when the types of cells change; `on.migrate` runs then."),
        Field("about", "string", "One line for people who choose a room."),
        Field("cells", "table<string, hearth.Type>", "The state of a room: cells by name."),
        Field(
            "derived", "table<string, (fun(cells: hearth.Cells): any)|hearth.Derived>",
            "Cells that follow from other cells: pure functions, or `t.last` and its kin."),
        Field("handlers", "table<string, hearth.Handler|\(run.type)>", "What participants can do, by name."),
        Field("on", "hearth.Lifecycle", "What happens to a room and its participants."),
        Field("every", "[number, string][]", "`{ {seconds, \"handler\"} }`: handlers that run again and again."),
        Field(
            "watch", "table<string, fun(cells: hearth.Cells, change: any, ctx: hearth.Context)>",
            "Run in the transaction that changed the cell, until nothing changes any more (at most 100 rounds)."),
        Field(
            "messages", "table<string, fun(cells: hearth.Cells, message: any, ctx: hearth.Context)>",
            "Raw JSON messages of PartySocket clients, by `type`; `[\"*\"]` takes what has no handler."),
        Field("parties", "string[]", "Further party names that these rooms answer to."),
        Field("limits", "table<string, integer>", "Lowers the limits of one event: see limits.md."),
    ]

    package static let handler: [Field] = [
        Field("data", "hearth.Type", "The schema of `data`; what does not fit is refused before anything runs."),
        Field(
            "allow", "string|string[]|fun(who: hearth.Participant, cells: hearth.Cells, data: any): boolean",
            "Who may: a role, any of some roles, or a function. Anyone unless said."),
        Field("rate", "[integer, number]", "`{events, seconds}` for each participant."),
        Field("max_runs", "integer", "How often it may run because of conflicts; 8 unless said."),
        Field(
            "on_conflict", "\"retry\"|\"reject\"|\(run.type)",
            "`\"retry\"` unless said; a function runs in place of `run` on the newer state, with `ctx.conflict`."),
        Field("run", run.type, required: true, "What it does, in one transaction."),
    ]

    package static let lifecycle: [Callback] = [
        Callback(
            "create", [cells, Field("input", "any", "what the room was made with"), context],
            "Once, when the room is made."),
        Callback(
            "join", [cells, Field("data", "any", "what `join` carried"), context],
            "When a participant comes in; not when one comes back to its session."),
        Callback(
            "leave", [cells, Field("data", "any", "nothing"), context],
            "When a session ends: it left, or was away for too long."),
        Callback("idle", [cells, Field("data", "any", "nothing"), context], "When the last participant has left."),
        Callback(
            "migrate", [cells, Field("from", "integer", "the version that wrote the cells"), context],
            "Once for each room when `version` rose."),
    ]

    /// How a cell is merged that two transactions changed.
    package static let merge = Callback(
        "merge",
        [
            Field("base", "any", "what both started from"), Field("mine", "any", "what this event made of it"),
            Field("theirs", "any", "what the others made of it"),
        ], returns: "any", "Pure; returns what shall stand, or nil for a conflict.")

    // MARK: - Types

    /// A function of `require "hearth.types"`.
    package struct Constructor: Sendable, Hashable {
        package var name: String
        package var arguments: [HostFunction.Argument]
        /// The options in its table, the last argument.
        package var options: [Field]
        package var summary: String

        init(_ name: String, _ arguments: [HostFunction.Argument] = [], _ options: [Field] = [], _ summary: String) {
            self.name = name
            self.arguments = arguments
            self.options = options
            self.summary = summary
        }
    }

    private static let element = HostFunction.Argument("of", "hearth.Type", "the type of its items")
    private static let most = Field("max", "integer", "how many it may hold")
    private static func initial(_ type: String) -> Field {
        Field("default", type, "what it holds before anything is written")
    }
    private static func bounds(_ type: String) -> [Field] {
        [Field("min", type, "the least"), Field("max", type, "the greatest")]
    }

    package static let types: [Constructor] = [
        Constructor(
            "string", [],
            [
                Field("min", "integer", "the fewest characters"), Field("max", "integer", "the most characters"),
                Field("pattern", "string", "a Lua pattern that it must match"), initial("string"),
            ], "UTF-8 text; lengths in characters."),
        Constructor("integer", [], bounds("integer") + [initial("integer")], "A whole number."),
        Constructor("number", [], bounds("number") + [initial("number")], "A number, kept as it came."),
        Constructor("boolean", [], [initial("boolean")], "true or false."),
        Constructor(
            "enum", [.init("choices", "any[]", "strings, numbers or booleans; options stand among them")],
            [initial("any")], "One of the listed values."),
        Constructor("list", [element], [most], "A list of one type of items."),
        Constructor("map", [element], [most], "Any keys, values of one type."),
        Constructor(
            "object", [.init("fields", "table<string, hearth.Type>", "its fields by name")], [],
            "An object with exactly these fields: others are refused."),
        Constructor(
            "open_object", [.init("fields", "table<string, hearth.Type>", "its fields by name")], [],
            "An object with these fields and any others."),
        Constructor("optional", [.init("of", "hearth.Type", "the type of what may be absent")], [], "It, or nothing."),
        Constructor("any", [], [], "Any value."),
        Constructor(
            "link", [.init("cell", "string", optional: true, "the name of a cell")], [],
            "A link; to a cell of that name if one is given."),
    ]

    /// A method of the type of a cell: `t.boolean() :per "session"`.
    package static let modifiers: [Constructor] = [
        Constructor(
            "per", [.init("owner", "\"session\"|\"user\"", "whose")], [],
            "One cell for each participant, or for each identity; `cells.NAME` is that of whoever's event runs."),
        Constructor("many", [], [], "Made on demand, `cells.card:new {…}`; collected when nothing links to it."),
        Constructor(
            "ephemeral", [], [],
            "Not stored, no `seq`, the newest value wins: presence, cursors. Its owner may write it directly."),
        Constructor("private", [], [], "Sent to its owner only."),
        Constructor("read", [.init("role", "string", "a role")], [], "Sent to those with the role."),
        Constructor(
            "merge", [.init("policy", "\"last-write\"|\"max\"|\(merge.type)", "what to do")], [],
            "What to do when two transactions changed it; without it that is a conflict."),
    ]

    private static let source = HostFunction.Argument("list", "string", "the name of a list cell")
    private static let projection = HostFunction.Argument(
        "by", "string|fun(item: any): any", "a field of each item, or a function of it")
    private static let selector = "table|fun(item: any): boolean"

    /// Derived cells that are kept up at a cost that follows the change.
    package static let builders: [Constructor] = [
        Constructor("last", [source, .init("count", "integer", "how many, from 1")], [], "The last items."),
        Constructor(
            "count", [source, .init("where", selector, optional: true, "which: `{field = value}` or a function")], [],
            "How many items there are, or how many of them match."),
        Constructor(
            "where", [source, .init("where", selector, "which: `{field = value}` or a function")], [],
            "The items that match."),
        Constructor(
            "map_of",
            [
                source, projection,
                .init(
                    "value", "string|fun(item: any): any", optional: true, "what stands under the key; else the item"),
            ], [], "The items by a key of each."),
        Constructor(
            "sum", [source, .init("by", "string|fun(item: any): number", optional: true, "what is added up")], [],
            "The sum of numbers."),
        Constructor("group_by", [source, projection], [], "Lists of items by a key."),
        Constructor(
            "sort_by", [source, projection, .init("order", "\"asc\"|\"desc\"", optional: true, "\"asc\" unless said")],
            [], "The items in order."),
    ]
}

extension [RecipeSurface.Field] {
    var names: [String] { map(\.name) }
}
