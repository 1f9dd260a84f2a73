/// The host API as data: drives editor stubs, lint and docs. A test compares it with the table in `CLuaBridge`.
package struct HostFunction: Sendable, Hashable {
    package enum Receiver: String, Sendable, Hashable, CaseIterable {
        /// A method of cells and of objects and lists inside them, called with a colon.
        case value
        case list
        case scalar
        /// A family of `:many()` cells.
        case many
        /// A function of `ctx`, called with a dot.
        case context = "ctx"
    }

    package struct Argument: Sendable, Hashable {
        package var name: String
        /// A LuaLS type.
        package var type: String
        package var isOptional: Bool
        package var summary: String

        package init(_ name: String, _ type: String, optional: Bool = false, _ summary: String) {
            self.name = name
            self.type = type
            isOptional = optional
            self.summary = summary
        }
    }

    package var operation: HostOperation
    package var name: String
    package var receivers: [Receiver]
    package var arguments: [Argument]
    /// Whether the last argument may be repeated.
    package var isVariadic = false
    /// A LuaLS type; nil when nothing is returned.
    package var returns: String?
    /// One line.
    package var summary: String
}

package enum HostSurface {
    /// All functions that recipes can call on cells and on `ctx`.
    package static let functions: [HostFunction] = methods + contextFunctions

    /// Names that fields of cells must not have: a method of that name would hide them.
    package static let reservedFieldNames: Set<String> = Set(methods.map(\.name))

    static let methods: [HostFunction] = [
        .init(
            operation: .get, name: "get", receivers: [.value], arguments: [], returns: "any",
            summary: "The value; of an object or list, something that stores as a link."),
        .init(
            operation: .set, name: "set", receivers: [.value],
            arguments: [.init("value", "any", "what takes its place")],
            summary: "Replaces the whole value."),
        .init(
            operation: .update, name: "update", receivers: [.value],
            arguments: [.init("fields", "table", "the fields to change")],
            summary: "Changes the given fields and leaves the others."),
        .init(
            operation: .key, name: "key", receivers: [.value, .many],
            arguments: [.init("key", "string|integer", "a field name, or an index from 1")], returns: "hearth.Cell",
            summary: "The part under a key as a cell of its own, whatever its name or type."),
        .init(
            operation: .snapshot, name: "snapshot", receivers: [.value], arguments: [], returns: "any",
            summary: "A plain copy, which stores as a copy."),
        .init(
            operation: .exists, name: "exists", receivers: [.value], arguments: [], returns: "boolean",
            summary: "Whether there is a value."),
        .init(
            operation: .delete, name: "delete", receivers: [.value], arguments: [],
            summary: "Removes it; links to it read as nil from now on."),
        .init(
            operation: .push, name: "push", receivers: [.list],
            arguments: [.init("value", "any", "what to add")], isVariadic: true,
            summary: "Adds values at the end. Two pushes never conflict."),
        .init(
            operation: .insert, name: "insert", receivers: [.list],
            arguments: [.init("index", "integer", "from 1 to # + 1"), .init("value", "any", "what to insert")],
            summary: "Inserts a value before an index."),
        .init(
            operation: .remove, name: "remove", receivers: [.list],
            arguments: [.init("index", "integer", "from 1 to #")], returns: "any",
            summary: "Removes the item at an index."),
        .init(
            operation: .last, name: "last", receivers: [.list],
            arguments: [.init("count", "integer", "how many at most")], returns: "any[]",
            summary: "The last items, oldest first."),
        .init(
            operation: .find, name: "find", receivers: [.list],
            arguments: [.init("test", "fun(item: any, index: integer): boolean", "holds for the item wanted")],
            returns: "any, integer", summary: "The first item for which the test holds, and its index."),
        .init(
            operation: .removeWhere, name: "remove_where", receivers: [.list],
            arguments: [.init("test", "fun(item: any, index: integer): boolean", "holds for items to remove")],
            returns: "integer", summary: "Removes all items for which the test holds; returns how many."),
        .init(
            operation: .increment, name: "increment", receivers: [.scalar],
            arguments: [.init("by", "number", optional: true, "1 when absent")],
            summary: "Adds to a number. Two increments never conflict."),
        .init(
            operation: .new, name: "new", receivers: [.many],
            arguments: [.init("fields", "any", "its first value")], returns: "hearth.Cell",
            summary: "Makes a cell of this family; it lives while something links to it."),
    ]

    static let contextFunctions: [HostFunction] = [
        .init(
            operation: .random, name: "random", receivers: [.context],
            arguments: [
                .init("low", "integer", optional: true, "least, or greatest when alone"),
                .init("high", "integer", optional: true, "greatest"),
            ],
            returns: "number", summary: "As math.random; equal on a re-run of the event."),
        .init(
            operation: .id, name: "id", receivers: [.context], arguments: [], returns: "string",
            summary: "A fresh id; equal on a re-run of the event."),
        .init(
            operation: .participants, name: "participants", receivers: [.context], arguments: [],
            returns: "hearth.Participant[]", summary: "Everyone in the room."),
        .init(
            operation: .log, name: "log", receivers: [.context],
            arguments: [.init("value", "any", "what to write")], isVariadic: true,
            summary: "Writes to the server's log."),
        .init(
            operation: .fail, name: "fail", receivers: [.context],
            arguments: [
                .init("code", "string", "what went wrong, for programs"),
                .init("message", "string", optional: true, "what went wrong, for people"),
            ],
            summary: "Ends the event with an error to its sender; nothing it did remains."),
        .init(
            operation: .signal, name: "signal", receivers: [.context],
            arguments: [
                .init("name", "string", "what clients listen for"),
                .init("data", "any", optional: true, "what they get"),
                .init("options", "{to: any}", optional: true, "who gets it"),
            ],
            summary: "Sends a message that is not state, when the event commits."),
        .init(
            operation: .reply, name: "reply", receivers: [.context],
            arguments: [.init("data", "any", "what the sender's ack carries")],
            summary: "Answers the sender, when the event commits."),
        .init(
            operation: .broadcast, name: "broadcast", receivers: [.context],
            arguments: [
                .init("data", "any", "the raw message"),
                .init("options", "table", optional: true, "{to_sender = false} leaves the sender out"),
            ],
            summary: "Sends a raw message to every connection, when the event commits."),
        .init(
            operation: .after, name: "after", receivers: [.context],
            arguments: [
                .init("milliseconds", "number", "how long from now"),
                .init("handler", "string", "the handler to run"),
                .init("data", "any", optional: true, "what it gets"),
            ],
            returns: "string", summary: "Runs a handler later; durable. Returns an id for `cancel`."),
        .init(
            operation: .cancel, name: "cancel", receivers: [.context],
            arguments: [.init("id", "string", "what `after` returned")],
            summary: "Cancels a timer."),
        .init(
            operation: .send, name: "send", receivers: [.context],
            arguments: [
                .init("room", "string", "the id of another room"), .init("event", "string", "its handler"),
                .init("data", "any", optional: true, "what the handler gets"),
            ],
            summary: "Sends an event to another room, delivered exactly once."),
        .init(
            operation: .sleep, name: "sleep", receivers: [.context],
            arguments: [.init("milliseconds", "number", "how long")],
            summary: "Waits; other events commit meanwhile."),
        .init(
            operation: .ask, name: "ask", receivers: [.context],
            arguments: [
                .init("participant", "any", "who is asked"), .init("name", "string", "the question"),
                .init("data", "any", optional: true, "what goes with it"),
                .init("options", "{timeout: integer}", optional: true, "how many milliseconds to wait"),
            ],
            returns: "any", summary: "Asks a participant and waits for the answer; nil when none came."),
    ]

    /// Fields of `ctx`.
    package static let contextFields: [(name: String, type: String, summary: String)] = [
        ("who", "hearth.Participant?", "whose event runs"),
        ("now", "integer", "milliseconds since 1970, fixed for the run"),
        ("runs", "integer", "how often this event has run, this time included"),
        ("conflict", "table?", "what the last run met: cell, path, expected, actual, by, seq"),
        ("room", "{id: string}", "this room"),
    ]
}
