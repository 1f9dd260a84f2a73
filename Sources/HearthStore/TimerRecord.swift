/// A timer that survives a restart.
package struct TimerRecord: Sendable, Hashable {
    package var id: String
    /// Milliseconds since 1970.
    package var dueAt: Int64
    package var handler: String
    package var data: [UInt8]
    /// What the room makes of it; to the store, a word.
    package var kind: String

    package init(id: String, dueAt: Int64, handler: String, data: [UInt8] = [], kind: String = "") {
        self.id = id
        self.dueAt = dueAt
        self.handler = handler
        self.data = data
        self.kind = kind
    }
}

/// A message to another room that has not been received yet.
package struct OutgoingRecord: Sendable, Hashable {
    package var id: String
    package var toRoom: String
    package var event: String
    package var data: [UInt8]

    package init(id: String, toRoom: String, event: String, data: [UInt8] = []) {
        self.id = id
        self.toRoom = toRoom
        self.event = event
        self.data = data
    }
}

/// A message of another room that was received.
package struct ReceivedRecord: Sendable, Hashable {
    package var id: String
    /// Whether its sender has noted that, and does not repeat it.
    package var isSettled: Bool

    package init(id: String, isSettled: Bool = false) {
        self.id = id
        self.isSettled = isSettled
    }
}

/// A room that has to be awake by a certain time.
package struct DueRoom: Sendable, Hashable {
    package var room: String
    /// When its earliest timer is due, in milliseconds since 1970.
    package var dueAt: Int64

    package init(room: String, dueAt: Int64) {
        self.room = room
        self.dueAt = dueAt
    }
}
