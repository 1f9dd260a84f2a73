package import HearthRecipes
package import HearthStore
package import HearthValues

/// A number that the driver gives to one attached socket. Small integers, so that a driver may index an array by it;
/// a number is not given out again before the room has been told of its `disconnected`.
package typealias ConnectionID = Int

/// Everything that can happen to a room. The machine knows no other source of change: no clock, no socket, no disk.
package enum RoomInput: Sendable {
    /// A socket asks to enter. Ends in `.joined`, or in `.refused` and nothing more for this connection.
    indirect case join(ConnectionID, Join)
    /// An event of a joined connection. Ends in exactly one `.ack` or `.error` with the same id.
    case event(ConnectionID, Event)
    /// An event that the wire refused (a link that is none, say). The refusal is its answer and uses up its id.
    case refusedEvent(ConnectionID, id: Int64, Failure)
    /// A raw JSON message of a connection that joined for messages only. An `.error` without an id when it fails; else
    /// nothing but what its handler says.
    case message(ConnectionID, type: String, Value)
    /// A participant answers a handler that waits in `ctx.ask`.
    case answer(ConnectionID, ask: String, data: Value)
    /// A participant writes its own ephemeral cell.
    case set(ConnectionID, cell: String, value: Value)
    /// A participant asks for everything it may see, or the driver does after the connection fell behind.
    case syncRequest(ConnectionID)
    /// A participant has shown a fresh token. What came before it runs as who the participant was.
    case identify(ConnectionID, Identity)
    /// A participant leaves for good: its session ends now. Ends in `.bye`.
    case leave(ConnectionID)
    /// The socket is gone; the session waits for `session_ttl`.
    case disconnected(ConnectionID)
    /// A server runs a handler over HTTP. Ends in `.called(token, …)`.
    case call(token: UInt64, ServerCall)
    /// A message that another room sent with `ctx.send`. Ends in `.delivered`.
    case delivery(Delivery)
    /// The room that this room's message was for has taken it durably.
    case outgoingDone(id: String)
    /// The room that sent this delivery has noted durably that it was taken: it does not come again.
    case settled(id: String)
    /// The store's answer to `.persist`. Answers arrive in the order of the tickets.
    case persisted(ticket: UInt64, Result<Void, StoreError>)
    /// A `.snapshot` is over with: how many bytes it had, kept or not; nil when it was not written out.
    case snapshotWritten(bytes: Int?)
    /// The time that `.wake` asked for has come, or time has passed; harmless when nothing is due.
    case tick
    /// The room is to come to rest, or need not any more. Until then no timer runs and no session ends by itself; both
    /// are durable and due again later.
    case draining(Bool)
    /// The room is being deleted or the server stops serving it: all connections get `bye`.
    case close(RoomClosing)
}

extension RoomInput {
    /// The participant's connection that says this; nil for a `join` and for what participants do not say.
    var speaker: ConnectionID? {
        switch self {
        case .event(let connection, _), .refusedEvent(let connection, _, _), .set(let connection, _, _),
            .message(let connection, _, _), .answer(let connection, _, _), .syncRequest(let connection),
            .leave(let connection), .identify(let connection, _):
            connection
        case .join, .disconnected, .call, .delivery, .outgoingDone, .settled, .persisted, .snapshotWritten, .tick,
            .draining, .close:
            nil
        }
    }
}

/// The fields of a `join`, checked by the wire.
package struct Join: Sendable {
    /// The secret of an earlier session, to continue it.
    package var resume: String?
    /// The last `seq` that the client has seen.
    package var since: UInt64?
    package var epoch: String?
    /// A display name; at most 200 characters are kept.
    package var name: String?
    package var state: StateRequest
    /// May several messages share a frame for this connection?
    package var batch: Bool
    /// Who the credentials say this is; nil for an anonymous participant.
    package var identity: Identity?
    /// The trace id of the connection, for logs and errors.
    package var trace: String
    /// The id and secret that a new session gets. Drawn by the driver from a secure source of randomness, so that the
    /// machine stays a function of its inputs.
    package var fresh: SessionCredentials

    package init(
        resume: String? = nil, since: UInt64? = nil, epoch: String? = nil, name: String? = nil,
        state: StateRequest = .full, batch: Bool = false, identity: Identity? = nil, trace: String,
        fresh: SessionCredentials
    ) {
        self.resume = resume
        self.since = since
        self.epoch = epoch
        self.name = name
        self.state = state
        self.batch = batch
        self.identity = identity
        self.trace = trace
        self.fresh = fresh
    }
}

/// What a client wants to be told of the room's cells.
package enum StateRequest: Sendable, Hashable {
    case full
    case none
    /// Only the cells of these names, and what they link to.
    case cells([String])
    /// No cells and no commits either: only what handlers say to it. For raw JSON sockets.
    case messages
}

package struct Identity: Sendable, Hashable {
    package var user: String
    package var name: String?
    package var roles: [String]

    package init(user: String, name: String? = nil, roles: [String] = []) {
        self.user = user
        self.name = name
        self.roles = roles
    }
}

package struct SessionCredentials: Sendable, Hashable {
    /// Public: `[a-z0-9]`, 20 characters.
    package var id: String
    /// Secret: at least 128 bits.
    package var secret: String

    package init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }
}

package struct Event: Sendable {
    package var id: Int64
    package var name: String
    package var data: Value
    package var basis: UInt64?
    package var strict: Bool

    package init(id: Int64, name: String, data: Value = .null, basis: UInt64? = nil, strict: Bool = false) {
        self.id = id
        self.name = name
        self.data = data
        self.basis = basis
        self.strict = strict
    }
}

/// `POST /rooms/{room}/events`.
package struct ServerCall: Sendable {
    package var name: String
    package var data: Value
    /// The `Idempotency-Key`: a repeat gets the first answer again.
    package var key: String?
    /// Whether `allow` is passed over: whoever calls speaks for the server, not for a participant.
    package var isTrusted: Bool
    /// What runs in place of a handler.
    var console: ConsoleLine?

    package init(name: String, data: Value = .null, key: String? = nil, isTrusted: Bool = true) {
        self.name = name
        self.data = data
        self.key = key
        self.isTrusted = isTrusted
    }
}

/// A message between rooms. `id` is unique over all rooms of a server.
package struct Delivery: Sendable, Hashable {
    package var id: String
    package var from: String
    package var to: String
    package var event: String
    package var data: Value

    package init(id: String, from: String, to: String, event: String, data: Value) {
        self.id = id
        self.from = from
        self.to = to
        self.event = event
        self.data = data
    }
}

package enum RoomClosing: Sendable {
    /// The room was deleted: `bye` 4410.
    case deleted
    /// The server restarts: `bye` 1012 with the time after which to come back.
    case restarting(retryAfterMs: Int64)
}
