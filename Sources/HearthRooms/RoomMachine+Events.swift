import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Events of participants, from the socket to their answer.
extension RoomMachine {
    func receive(_ event: Event, on connection: ConnectionID, now: Int64) {
        guard let session = byConnection[connection] else {
            let failure = Failure(
                code: "bad_message", message: "`join` must come first", retryable: false, details: .null)
            outputs.append(.error(connection, id: event.id, failure))
            return
        }
        let load = load(of: session)
        guard load < 1 else { return refuseOverflow(event, session, connection, load: load, now: now) }
        mailbox.append(.event(session, connection, event, at: now))
    }

    /// How much waits, in shares of what may. What stands behind a handler that waits burdens its own session only.
    func load(of session: Session) -> Double {
        let mailbox = Double(mailbox.count) / Double(limits.mailboxMax)
        if session.queue.isEmpty { return mailbox }
        let behind = Double(session.queue.count) / Double(limits.behindWaitMax)
        return max(mailbox, behind, Double(queuedBehindWaits) / Double(limits.mailboxMax))
    }

    /// The refusal keeps its place among the events, so that it uses up the id like any answer. Who goes on regardless is
    /// cut off; a client that resumes sends again what was not answered.
    private func refuseOverflow(
        _ event: Event, _ session: Session, _ connection: ConnectionID, load: Double, now: Int64
    ) {
        // Sent again: the first one keeps its place.
        if event.id > session.lastEvent, event.id <= session.lastTaken { return }
        let count = max(mailbox.count, session.queue.count)
        guard load < 2 else {
            return cutOff(connection, waiting: count, now: now)
        }
        let failure = Failure.rateLimited("the room has \(count) events waiting", retryAfterMs: 1_000)
        mailbox.append(.refusedEvent(session, connection, event.id, failure))
    }

    func cutOff(_ connection: ConnectionID, waiting count: Int, now: Int64) {
        let bye = Bye(code: 4429, reason: "\(count) events are waiting in this room", retryAfterMs: 1_000)
        outputs.append(.bye(connection, bye))
        detach(connection, now: now)
    }

    func runEvent(_ event: Event, of session: Session, on connection: ConnectionID, at: Int64, now: Int64) {
        guard isNext(event.id, of: session, on: connection) else { return }
        if isBehindWait(session) {
            return queueBehindWait(.event(session, connection, event, at: at), event.id, of: session)
        }
        begin(event, of: session, at: at, now: now)
    }

    func begin(_ event: Event, of session: Session, at: Int64, now: Int64) {
        stats.events += 1
        if speaker !== session { speaker = session }
        session.lastEvent = event.id
        session.hasActed = true
        session.answers.hold(event.id)
        if let failure = exceededRate(event.name, session, at: at) ?? unreadableLink(in: event.data, for: session) {
            settle(.error(failure), of: event.id, session)
            return
        }
        let cause = Cause(
            session: session.id, event: event.name, eventID: event.id, data: event.data, at: at,
            seed: seed(session, event.id))
        let run = makeRun(
            cause, .handler(event.name), who: session.participant, strictSince: event.strict ? event.basis : nil,
            origin: .event(session, id: event.id))
        proceed(run, now: now)
    }

    /// An event that the wire refused: nothing runs, but its id is used up and a repeat gets the same answer.
    func runRefused(_ id: Int64, _ failure: Failure, of session: Session, on connection: ConnectionID) {
        guard isNext(id, of: session, on: connection) else { return }
        if isBehindWait(session) {
            return queueBehindWait(.refusedEvent(session, connection, id, failure), id, of: session)
        }
        refuse(id, failure, of: session)
    }

    func refuse(_ id: Int64, _ failure: Failure, of session: Session) {
        stats.failures += 1
        session.lastEvent = id
        session.answers.hold(id)
        settle(.error(failure), of: id, session)
    }

    func settle(_ answer: Answer, of id: Int64, _ session: Session) {
        save(session)
        gathering.write.marks.append(Mark(session: session.id, event: id, answer: answer.stored(by: &sink)))
        gathering.hold(.answer(session, id: id, answer))
    }

    /// Is this the event that must come now? A repeat is answered as the first time; a gap is an error.
    private func isNext(_ id: Int64, of session: Session, on connection: ConnectionID) -> Bool {
        guard isHere(session) else {
            refuseAfterEnd(id, of: session, on: connection)
            return false
        }
        if id == session.lastTaken + 1 { return true }
        // Who came by another socket sends again what it wants to know; this number may be somebody else's by now.
        guard session.connection == connection else { return false }
        if id <= session.lastEvent {
            switch session.answers[id] {
            case .held: return false
            case .known(let answer):
                repeatAnswer(answer, id: id, on: connection)
                return false
            case .gone: break
            }
        } else if id <= session.lastTaken {
            return false
        }
        let failure = Failure(
            code: "out_of_order",
            message: id <= session.lastEvent
                ? "event \(id) was decided too long ago; the last one was \(session.lastEvent)"
                : "event \(id) came, but \(session.lastTaken + 1) is the next",
            retryable: false, details: .object(["expected": .int(session.lastTaken + 1), "got": .int(id)]))
        outputs.append(.error(connection, id: id, failure))
        return false
    }

    func isHere(_ session: Session) -> Bool { !session.isEnding && session.isKnown }

    func refuseAfterEnd(_ id: Int64, of session: Session, on connection: ConnectionID) {
        if session.connection == connection { outputs.append(.error(connection, id: id, .sessionEnded)) }
    }

    /// A participant may link only to what it can read: else a link would show it what it may not see, or others a name
    /// that leads nowhere.
    func unreadableLink(in data: Value, for session: Session) -> Failure? {
        guard data.holdsLink else { return nil }
        let visibility = head.code.visibility
        let viewer = visibility.viewer(for: session.participant)
        var unreadable: String?
        data.forEachLinkTarget { cell in
            if !visibility.allows(cell, to: viewer) || view[cell] == nil { unreadable = unreadable ?? cell }
        }
        return unreadable.map { cell in
            Failure(
                code: "invalid_link", message: "there is no cell `\(cell)` that you can read and link to",
                retryable: false, details: .object(["cell": .string(cell)]))
        }
    }

    private func exceededRate(_ handler: String, _ session: Session, at now: Int64) -> Failure? {
        guard runtime.recipe.hasRates, let rate = runtime.recipe.handlers[handler]?.rate else { return nil }
        let window = Int64(rate.seconds * 1_000)
        var recent = session.recentRuns[handler, default: []].filter { $0 > now - window }
        guard recent.count < rate.events else {
            let wait = max(1, recent[0] + window - now)
            return .rateLimited("`\(handler)` runs \(rate.events) times in \(rate.seconds) s", retryAfterMs: wait)
        }
        recent.append(now)
        session.recentRuns[handler] = recent
        return nil
    }

    // MARK: - Deliveries

    func runDelivery(_ delivery: Delivery, now: Int64) {
        guard !head.received.contains(delivery.id) else {
            gathering.hold(.delivered(delivery))
            return
        }
        // Sent again while its handler waits: it is told when that has ended.
        if waiting.values.contains(where: { $0.origin.delivery == delivery.id }) { return }
        let cause = Cause(
            session: nil, event: delivery.event, eventID: nil, data: delivery.data, at: now,
            seed: seed(delivery.id, 0))
        proceed(makeRun(cause, .handler(delivery.event), who: nil, origin: .delivery(delivery)), now: now)
    }

    func settleDelivery(_ delivery: Delivery, _ result: Result<Ack, Failure>) {
        if case .failure(let failure) = result {
            note(
                .warning, "message from another room failed",
                ["from": delivery.from, "event": delivery.event, "code": failure.code, "cause": failure.message])
        }
        head.received.note(delivery.id)
        gathering.write.received.append(delivery.id)
        gathering.hold(.delivered(delivery))
    }

    func runOutgoingDone(_ id: String) {
        guard let message = head.outgoing.remove(id) else { return }
        gathering.write.outgoingDone.append(id)
        gathering.hold(.settled(id: id, room: message.toRoom))
    }

    func runSettled(_ id: String) {
        if head.received.settle(id) { gathering.write.receivedSettled.append(id) }
    }

    func note(_ level: RoomLogEntry.Level, _ message: String, _ fields: KeyValuePairs<String, String>) {
        gathering.hold(
            .log(RoomLogEntry(level: level, message: message, fields: [("room", id)] + fields.map { ($0, $1) })))
    }

    /// A seed that is a function of the event alone.
    func seed(_ origin: String, _ number: Int64) -> UInt64 { Self.seed(Self.hash(origin, from: seedOfEpoch), number) }

    /// The same as for the session's id.
    private func seed(_ session: Session, _ number: Int64) -> UInt64 {
        let origin = session.seedOrigin ?? Self.hash(session.id, from: seedOfEpoch)
        session.seedOrigin = origin
        return Self.seed(origin, number)
    }

    private static func seed(_ origin: UInt64, _ number: Int64) -> UInt64 {
        var hash = origin ^ UInt64(bitPattern: number)
        // splitmix64's finaliser: neighbouring numbers get unrelated seeds.
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }

    /// FNV-1a, going on from the hash of what came before.
    static func hash(_ text: String, from hash: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        text.utf8.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension Failure {
    static let sessionEnded = Failure(
        code: "forbidden", message: "the session has ended; join again", retryable: false, details: .null)

    static func rateLimited(_ message: String, retryAfterMs: Int64) -> Failure {
        Failure(
            code: "rate_limited", message: message, retryable: true,
            details: .object(["retry_after_ms": .int(retryAfterMs)]))
    }
}

extension Answer {
    init(_ result: Result<Ack, Failure>) {
        switch result {
        case .success(let ack): self = .ack(ack)
        case .failure(let failure): self = .error(failure)
        }
    }

    var result: Result<Ack, Failure> {
        switch self {
        case .ack(let ack): .success(ack)
        case .error(let failure): .failure(failure)
        }
    }
}
