import HearthRecipes
import HearthValues

/// Raw JSON messages, as PartySocket clients send them: they have no ids and no answers, so a handler's words are all that
/// comes back, and an error when it failed.
extension RoomMachine {
    func receive(message: Value, _ type: String, on connection: ConnectionID, now: Int64) {
        guard let session = byConnection[connection] else { return }
        let load = load(of: session)
        if load < 1 { return mailbox.append(.message(session, type: type, message, at: now)) }
        let count = max(mailbox.count, session.queue.count)
        if load >= 2 { return cutOff(connection, waiting: count, now: now) }
        let failure = Failure.rateLimited("the room has \(count) events waiting", retryAfterMs: 1_000)
        outputs.append(.error(connection, id: nil, failure))
    }

    func run(message: Value, _ type: String, of session: Session, at: Int64, now: Int64) {
        guard isHere(session) else { return }
        if isBehindWait(session) {
            return queueBehindWait(.message(session, type: type, message, at: at), session.lastTaken, of: session)
        }
        begin(message: message, type, of: session, at: at, now: now)
    }

    /// Nobody sends a message again, so its seed need not follow from its sender and number.
    func begin(message: Value, _ type: String, of session: Session, at: Int64, now: Int64) {
        stats.events += 1
        session.hasActed = true
        if let failure = unreadableLink(in: message, for: session) {
            stats.failures += 1
            return settleMessage(of: session, .failure(failure))
        }
        let cause = Cause(
            session: session.id, event: type, eventID: nil, data: message, at: at, seed: random.next())
        proceed(makeRun(cause, .message(type), who: session.participant, origin: .message(session)), now: now)
    }

    func settleMessage(of session: Session, _ result: Result<Ack, Failure>) {
        switch result {
        case .success: gathering.hold(.message(session, nil))
        case .failure(let failure): gathering.hold(.message(session, failure))
        }
    }

    /// Tells a session that what it asked for failed; nil: nothing to tell.
    func tell(_ session: Session, _ failure: Failure?) {
        guard let failure, let connection = session.connection else { return }
        outputs.append(.error(connection, id: nil, failure))
    }
}
