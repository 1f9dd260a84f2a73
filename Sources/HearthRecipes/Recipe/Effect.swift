package import HearthValues

/// What a handler asks the room to do beyond its cells. Collected during the run, in order; released by the commit.
package enum Effect: Sendable, Hashable {
    case signal(name: String, data: Value, to: SignalTarget)
    case reply(Value)
    case broadcast(Value, toSender: Bool)
    case schedule(id: String, afterMs: Int64, handler: String, data: Value)
    case cancel(id: String)
    case send(room: String, event: String, data: Value)
    case log(String)
    /// A new value of an ephemeral cell (not stored, no `seq`); null when it was deleted.
    case ephemeral(cell: String, value: Value)
}

/// Whom a signal reaches.
package enum SignalTarget: Sendable, Hashable {
    case all
    case others
    case sender
    case sessions([String])
    case users([String])
}
