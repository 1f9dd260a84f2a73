import HearthRooms
import HearthStore
import HearthValues

/// Looks for the commit that last changed what lies at a path.
struct PathLookup {
    /// As it was asked for: the cell's id first.
    let pointer: Pointer
    let room: String

    private static let linksMax = 32
    private static let pageSize: UInt64 = 1_000

    /// - Complexity: O(commits since then).
    /// - Throws: `CommandFailure` when no commit ever changed it; `RoomError` when the history cannot be read.
    func find(in store: any RoomStore, upTo newest: UInt64) throws -> CommitStory {
        guard let (snapshot, facts) = try store.stored(room: room, at: newest) else {
            throw CommandFailure("\(room) has no commits yet.")
        }
        let cells = try RoomHistory.cells(snapshot: snapshot?.state, facts: facts)
        let target = Self.resolved(pointer, in: cells)
        var trace = PathTrace(target, in: cells)
        var progress = ProgressLine("Searching \(room)", total: Int(clamping: newest))
        var found: CommitStory?
        var end = newest
        while end > 0, found == nil {
            let start = end > Self.pageSize ? end - Self.pageSize : 0
            let page = try store.facts(room: room, after: start, limit: Int(end - start))
            for fact in page.reversed() where found == nil {
                if trace.undo(try StoredCommit(fact).patch) != nil { found = try CommitStory(fact) }
            }
            progress.advance(by: page.count)
            end = start
        }
        progress.finish()
        if let found { return found }
        let known = cells.map(\.key).sorted().prefix(10).joined(separator: ", ")
        throw CommandFailure(
            "no commit of \(room) has changed \(target.description). A path begins with a cell: \(known).")
    }

    /// Through the links on the way; one at the end is what was asked for.
    static func resolved(_ pointer: Pointer, in cells: Object) -> Pointer {
        var tokens = Array(pointer.tokens)
        for _ in 0..<linksMax {
            var current = Value.object(cells)
            var followed: [String]?
            for (place, token) in tokens.enumerated() {
                if case .link(let link) = current {
                    followed = [link.cell] + Array(link.pointer.tokens) + tokens[place...]
                    break
                }
                guard let next = current.value(at: Pointer(tokens: [token])) else { break }
                current = next
            }
            guard let next = followed else { break }
            tokens = next
        }
        return Pointer(tokens: tokens)
    }
}
