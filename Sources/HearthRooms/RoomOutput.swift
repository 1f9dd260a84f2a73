package import HearthRecipes
package import HearthStore
package import HearthValues

/// Everything that a room does to the world. The driver carries outputs out in their order; per connection that order
/// is the order on the wire. Outputs that rest on a commit appear only after its `.persisted`.
package enum RoomOutput: Sendable {
    // What is large and rare stands apart, so that the many commits and acks of a turn are small.
    indirect case joined(ConnectionID, Joined)
    /// The `join` failed; the connection is not attached. The driver sends the error and closes.
    case refused(ConnectionID, Failure)
    case commit(CommitNotice, to: Audience)
    /// A commit that this connection missed while it was away; stands right after its `.joined`.
    case missed(CommitNotice, to: ConnectionID)
    case ack(ConnectionID, Ack)
    /// `id` is the event's, when it answers one.
    indirect case error(ConnectionID, id: Int64?, Failure)
    /// A handler waits for this participant's answer. May come again with the same id.
    indirect case ask(ConnectionID, Ask)
    indirect case signal(SignalNotice, to: [ConnectionID])
    /// Changes of ephemeral cells.
    case ephemeral(Patch, to: Audience)
    case ephemeralTo(ConnectionID, Patch)
    case syncResponse(ConnectionID, Sync)
    /// The driver takes the connection out of the one audience and attaches it to the other.
    case moved(ConnectionID, from: Audience, to: Audience)
    /// To everyone who is in: the room runs this from here on.
    case reload(RecipeStamp)
    /// How the room took what `RoomMachine.reload` was given.
    case reloaded(ReloadReport)
    /// The connection is detached: send `bye`, close the socket with `code`.
    case bye(ConnectionID, Bye)
    /// The connection is detached: cut its socket without a word, as a lost network does. A planned fault.
    case cut(ConnectionID)
    /// The answer to `RoomInput.call`.
    indirect case called(token: UInt64, Result<Ack, Failure>)
    /// Write this; answer with `RoomInput.persisted`. At most one ticket of a room is under way.
    indirect case persist(RoomWrite, ticket: UInt64)
    /// Keep this; answer with `RoomInput.snapshotWritten`. Nothing waits for it, and at most one of a room is under way.
    indirect case snapshot(RoomSnapshot)
    /// Hand this to its room until that room has said `.delivered`. May come again after a restart.
    indirect case deliver(Delivery)
    /// A delivery was taken durably (or was refused for good): tell its sender `.outgoingDone`.
    indirect case delivered(Delivery)
    /// Tell this room that it will not get the delivery again: `.settled`. One that is not there need not know.
    case settled(id: String, room: String)
    /// `tick` the room at this time (ms since 1970). Replaces the earlier request; nil: nothing is due.
    case wake(at: Int64?)
    case log(RoomLogEntry)
}

package struct RecipeStamp: Sendable, Hashable {
    package var name: String
    package var version: Int64
    package var hash: String
}

package struct Joined: Sendable {
    package var room: String
    package var recipe: RecipeStamp
    package var session: String
    package var resume: String
    package var you: Participant
    package var epoch: String
    package var seq: UInt64
    package var resumed: Bool
    package var lastEvent: Int64
    /// What the participant may see of what it asked for; nil when it resumed with a backlog, whose commits follow.
    package var cells: Object?
    package var batch: Bool
    /// The driver calls `audience.attach(connection)` when it carries this output out, not before: commits that stand
    /// earlier among the outputs are not for this connection.
    package var audience: Audience
}

package struct CommitNotice: Sendable {
    package var seq: UInt64
    /// The session that sent the event; nil for timers and server calls.
    package var by: String?
    /// The event's name.
    package var event: String?
    package var patch: Patch
}

package struct Ack: Sendable, Hashable {
    package var id: Int64
    package var seq: UInt64
    package var result: Value?
    package var runs: Int
}

package struct Ask: Sendable, Hashable {
    package var id: String
    package var name: String
    package var data: Value
    /// How long an answer is still waited for.
    package var timeoutMs: Int64
}

package struct SignalNotice: Sendable {
    /// Which function of `ctx` said it: raw JSON sockets get what `reply` and `broadcast` say as it is.
    package enum Kind: Sendable { case signal, reply, broadcast }

    package var kind = Kind.signal
    package var name: String
    package var data: Value
    package var from: String?
}

package struct Sync: Sendable {
    package var epoch: String
    package var seq: UInt64
    package var cells: Object
    package var participants: [Participant]
}

package struct Bye: Sendable, Hashable {
    /// A close code of PROTOCOL.md.
    package var code: UInt16
    package var reason: String
    package var retryAfterMs: Int64?
}

/// One line for the log. `fields` are structured: names without spaces.
package struct RoomLogEntry: Sendable {
    package enum Level: Sendable { case debug, info, warning, error }
    package var level: Level
    package var message: String
    package var fields: [(String, String)]
}
