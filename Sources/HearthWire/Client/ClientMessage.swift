package import HearthValues

/// A message from a client to the server, its fields checked.
package enum ClientMessage: Sendable, Hashable {
    case join(JoinFields)
    case event(EventFields)
    /// Answers a handler that waits in `ctx.ask`; `ask` is the question's id.
    case answer(ask: String, data: Value)
    /// Writes the sender's own ephemeral cell.
    case set(cell: String, value: Value)
    case syncRequest
    /// A fresh token for the running session.
    case auth(token: String)
    /// `at` is echoed, whatever it is.
    case ping(at: Value?)
    case leave

    /// The message's `type`.
    package var type: String {
        switch self {
        case .join: "join"
        case .event: "event"
        case .answer: "answer"
        case .set: "set"
        case .syncRequest: "sync_request"
        case .auth: "auth"
        case .ping: "ping"
        case .leave: "leave"
        }
    }

    /// Every `type` that a client may send.
    package static let types = ["join", "event", "answer", "set", "sync_request", "auth", "ping", "leave"]
}

/// The fields of `join`.
package struct JoinFields: Sendable, Hashable {
    package var token: String?
    /// The secret of an earlier session.
    package var resume: String?
    /// The last `seq` that the client has seen.
    package var since: UInt64?
    package var epoch: String?
    package var name: String?
    package var state: State
    package var batch: Bool

    /// What the client wants of the room's cells.
    package enum State: Sendable, Hashable {
        case full
        case none
        case cells([String])
    }

    package init(
        token: String? = nil, resume: String? = nil, since: UInt64? = nil, epoch: String? = nil, name: String? = nil,
        state: State = .full, batch: Bool = false
    ) {
        self.token = token
        self.resume = resume
        self.since = since
        self.epoch = epoch
        self.name = name
        self.state = state
        self.batch = batch
    }
}

/// The fields of `event`.
package struct EventFields: Sendable, Hashable {
    /// At least 1.
    package var id: Int64
    package var name: String
    /// `null` where the message has none.
    package var data: Value
    /// The `seq` that the sender saw.
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
