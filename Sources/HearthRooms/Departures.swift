import DequeModule

/// Sessions that wait for the return of their participants, in the order in which a full room can do without them: first
/// those that never did anything, then those whose participants were here for a moment only, then the others; among
/// equals the one that has waited longest. Whoever fills a room with sessions that come and go ends its own before
/// anybody else's.
///
/// Entries are hints: whoever takes one checks whether it still holds.
struct Departures {
    struct Entry {
        let session: String
        /// Which of the session's departures.
        let number: Int
    }

    enum Standing: Int, CaseIterable {
        case idle, brief, settled
    }

    /// Up to how long, in milliseconds, somebody was here for a moment only.
    static let briefMs: Int64 = 60_000

    private var waiting = Standing.allCases.map { _ in Deque<Entry>() }

    /// How many entries there are, those that no longer hold included.
    var count: Int { waiting.reduce(0) { $0 + $1.count } }

    /// - Complexity: amortised O(1).
    mutating func add(_ session: Session, at now: Int64) {
        session.departures += 1
        let standing: Standing =
            !session.hasActed ? .idle : now - session.createdAt < Self.briefMs ? .brief : .settled
        waiting[standing.rawValue].append(Entry(session: session.id, number: session.departures))
    }

    /// The one that can be done without first; nil when nobody is away.
    ///
    /// - Complexity: amortised O(1).
    mutating func take(where holds: (Entry) -> Bool) -> Entry? {
        for place in waiting.indices {
            while let entry = waiting[place].popFirst() { if holds(entry) { return entry } }
        }
        return nil
    }

    /// Forgets those at the front that no longer hold.
    ///
    /// - Complexity: amortised O(1).
    mutating func prune(where holds: (Entry) -> Bool) {
        for place in waiting.indices {
            while let first = waiting[place].first, !holds(first) { waiting[place].removeFirst() }
            if waiting[place].isEmpty { waiting[place] = Deque() }
        }
    }
}

extension RoomMachine {
    /// Whether one more participant finds a place. In a full room the session of somebody who is away ends for it.
    func makePlace(now: Int64) -> Bool {
        guard sessions.count - endings >= limits.sessionsMax else { return true }
        guard let entry = departures.take(where: isAway), let session = sessions[entry.session] else { return false }
        note(
            .info, "the room is full: the session of a participant who was away has ended",
            ["session": session.id, "limit": String(limits.sessionsMax)])
        runEnd(of: session, leaving: nil, now: now)
        return true
    }

    /// A session waits for its participant from now on.
    func awaitReturn(of session: Session, for ms: Int64, now: Int64) {
        session.expiresAt = now + ms
        agenda.add(.session(session.id), due: now + ms)
        noteDeparture(of: session, now: now)
    }

    func noteDeparture(of session: Session, now: Int64) {
        departures.prune(where: isAway)
        departures.add(session, at: now)
    }

    func isAway(_ entry: Departures.Entry) -> Bool {
        guard let session = sessions[entry.session] else { return false }
        return session.departures == entry.number && session.connection == nil && session.expiresAt != nil
            && !session.isEnding
    }
}
