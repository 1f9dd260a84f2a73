import HearthRecipes
import HearthRooms
import HearthStore

/// Looks for what became of one event of a session.
struct EventLookup {
    let session: String
    let id: Int64
    let room: String

    enum Outcome {
        case committed(CommitStory)
        /// It was acknowledged and changed nothing.
        case unchanged(Ack)
        case refused(Failure)
    }

    /// - Parameter newest: the room's newest commit.
    /// - Complexity: O(1) commits for an event whose answer is kept, else all of the room's.
    /// - Throws: `CommandFailure` that says which events of the session are known, when this one is not.
    func find(in store: any RoomStore, upTo newest: UInt64) throws -> Outcome {
        let stored = try store.load(room: room)
        let marks = stored?.marks.filter { $0.session == session } ?? []
        if let mark = marks.first(where: { $0.event == id }) {
            switch try Answer(mark) {
            case .error(let failure): return .refused(failure)
            case .ack(let ack):
                let fact = ack.seq == 0 ? nil : try store.facts(room: room, after: ack.seq - 1, limit: 1).first
                if let fact, case let story = try CommitStory(fact), isMine(story) { return .committed(story) }
                return .unchanged(ack)
            }
        }
        var known = Set(marks.map(\.event))
        if let story = try search(store, newest, &known) { return .committed(story) }
        throw unknown(known, stored?.sessions.map(\.id) ?? [])
    }

    /// From the newest commit back: what people ask about is rarely long ago.
    private func search(_ store: any RoomStore, _ newest: UInt64, _ known: inout Set<Int64>) throws -> CommitStory? {
        var progress = ProgressLine("Searching \(room)", total: Int(clamping: newest))
        var found: CommitStory?
        var end = newest
        while end > 0, found == nil {
            let start = end > Self.pageSize ? end - Self.pageSize : 0
            let page = try store.facts(room: room, after: start, limit: Int(end - start))
            for fact in page.reversed() {
                let story = try CommitStory(fact)
                if isMine(story) { found = story }
                if story.commit.by == session, let id = story.eventID { known.insert(id) }
            }
            progress.advance(by: page.count)
            end = start
        }
        progress.finish()
        return found
    }

    private static let pageSize: UInt64 = 1_000

    private func isMine(_ story: CommitStory) -> Bool { story.commit.by == session && story.eventID == id }

    private func unknown(_ known: Set<Int64>, _ sessions: [String]) -> CommandFailure {
        if !known.isEmpty {
            return CommandFailure(
                "\(room) knows nothing of event \(id) of session \(session). Of that session it knows "
                    + "\(Self.ranges(known)).")
        }
        if sessions.contains(session) {
            return CommandFailure("\(room) knows nothing of event \(id) of session \(session): it has sent none yet.")
        }
        let some = sessions.prefix(Self.sessionsShownMax).joined(separator: ", ")
        let more = sessions.count > Self.sessionsShownMax ? " and \(sessions.count - Self.sessionsShownMax) more" : ""
        return CommandFailure(
            "\(room) knows nothing of a session \(session)."
                + (sessions.isEmpty ? " No session is open there." : " Open there: \(some)\(more)."))
    }

    private static let sessionsShownMax = 10
    private static let rangesShownMax = 10

    /// "1 to 5, 7"
    static func ranges(_ ids: Set<Int64>) -> String {
        var ranges: [ClosedRange<Int64>] = []
        for id in ids.sorted() {
            if let last = ranges.last, last.upperBound + 1 == id {
                ranges[ranges.count - 1] = last.lowerBound...id
            } else {
                ranges.append(id...id)
            }
        }
        let shown = ranges.suffix(rangesShownMax).map { range in
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        }
        return (ranges.count > rangesShownMax ? "…, " : "") + shown.joined(separator: ", ")
    }
}
