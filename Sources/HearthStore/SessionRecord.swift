/// A participant's session, which outlives its sockets.
package struct SessionRecord: Sendable, Hashable {
    package var room: String
    package var id: String
    /// The hash of the secret that resumes the session; the secret itself is not stored.
    package var secretHash: Hash
    package var user: String?
    package var name: String?
    package var roles: [String]
    /// The highest event id that has been decided.
    package var lastEvent: Int64
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// Milliseconds since 1970; nil while a socket is attached.
    package var disconnectedAt: Int64?
    /// Whatever the room keeps with a session; to the store, bytes.
    package var extra: [UInt8]

    package init(
        room: String, id: String, secretHash: Hash, user: String? = nil, name: String? = nil, roles: [String] = [],
        lastEvent: Int64 = 0, createdAt: Int64, disconnectedAt: Int64? = nil, extra: [UInt8] = []
    ) {
        self.room = room
        self.id = id
        self.secretHash = secretHash
        self.user = user
        self.name = name
        self.roles = roles
        self.lastEvent = lastEvent
        self.createdAt = createdAt
        self.disconnectedAt = disconnectedAt
        self.extra = extra
    }
}

/// The answer that an event got, so that a repeat of it gets the same one.
package struct Mark: Sendable, Hashable {
    package var session: String
    package var event: Int64
    package var answer: [UInt8]

    package init(session: String, event: Int64, answer: [UInt8]) {
        self.session = session
        self.event = event
        self.answer = answer
    }
}
