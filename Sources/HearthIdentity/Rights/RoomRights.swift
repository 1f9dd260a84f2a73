/// What somebody may do in one room.
package struct RoomRights: Sendable, Hashable {
    /// Enter it and read it.
    package var join = false
    /// Run any handler, and write one's own ephemeral cells.
    package var send = false
    /// Write one's own ephemeral cells.
    package var set = false
    /// Run any handler as the server does, past what it allows to whom.
    package var call = false
    /// Make the room and delete it.
    package var manage = false
    /// Handlers that may be run beside those that `send` allows.
    package var handlers: Set<String> = []

    package init() {}

    package static let everything: RoomRights = {
        var rights = RoomRights()
        rights.add("*")
        return rights
    }()

    /// A word of the claim `rooms`: `join`, `send`, `send:HANDLER`, `set`, `call`, `manage` or `*`. Words that are not
    /// known give nothing: they may mean something to another server.
    package mutating func add(_ word: String) {
        switch word {
        case "join": join = true
        case "send":
            send = true
            set = true
        case "set": set = true
        case "call": call = true
        case "manage": manage = true
        case "*":
            for word in ["join", "send", "call", "manage"] { add(word) }
        default:
            if word.hasPrefix("send:") { handlers.insert(String(word.dropFirst(5))) }
        }
    }

    package mutating func formUnion(_ other: RoomRights) {
        join = join || other.join
        send = send || other.send
        set = set || other.set
        call = call || other.call
        manage = manage || other.manage
        handlers.formUnion(other.handlers)
    }

    package func maySend(_ handler: String) -> Bool { send || handlers.contains(handler) }
}

/// Rights in all rooms whose names match.
package struct RoomGrant: Sendable, Hashable {
    package var pattern: RoomPattern
    package var rights: RoomRights

    package init(_ pattern: String, _ words: [String]) {
        self.pattern = RoomPattern(pattern)
        rights = RoomRights()
        for word in words { rights.add(word) }
    }
}
