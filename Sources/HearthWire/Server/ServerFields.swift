package import HearthValues

/// Which recipe a room runs: `recipe` in `joined` and `reload`.
package struct RecipeFields: Sendable, Hashable {
    package var name: String
    package var version: Int64
    package var hash: String

    package init(name: String, version: Int64, hash: String) {
        self.name = name
        self.version = version
        self.hash = hash
    }
}

/// A participant as others see it: `you` in `joined`, an element of `participants` in `sync_response`.
package struct ParticipantFields: Sendable, Hashable {
    package var id: String
    package var name: String?
    package var roles: [String]

    package init(id: String, name: String?, roles: [String] = []) {
        self.id = id
        self.name = name
        self.roles = roles
    }
}

/// The fields of `joined`.
package struct JoinedFields: Sendable, Hashable {
    package var room: String
    package var recipe: RecipeFields
    /// The public id of the session.
    package var session: String
    /// The secret with which the session can be resumed.
    package var resume: String
    package var you: ParticipantFields
    package var epoch: String
    package var seq: UInt64
    /// The id of the connection, as in its errors and log lines.
    package var trace: String
    package var resumed: Bool
    package var lastEvent: Int64
    /// nil when the session resumed with a backlog, whose commits follow.
    package var cells: Object?

    package init(
        room: String, recipe: RecipeFields, session: String, resume: String, you: ParticipantFields, epoch: String,
        seq: UInt64, trace: String, resumed: Bool, lastEvent: Int64, cells: Object?
    ) {
        self.room = room
        self.recipe = recipe
        self.session = session
        self.resume = resume
        self.you = you
        self.epoch = epoch
        self.seq = seq
        self.trace = trace
        self.resumed = resumed
        self.lastEvent = lastEvent
        self.cells = cells
    }
}
