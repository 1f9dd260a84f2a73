internal import HearthValues

/// A room as of one moment, page by page, in the form that ``RoomImport`` reads. The room may go on meanwhile.
package struct RoomExport: Sendable {
    private let loaded: StoredRoom
    private var snapshots: Set<UInt64>
    private var last = RoomPosition(seq: 0, head: .zero)
    private var part = Part.beginning

    private enum Part { case beginning, facts, rest, over }

    private static let factsOfPage = 1_000

    /// - Throws: `missing` when there is no such room, `corrupt` when it cannot be read.
    package init(of room: String, in store: any RoomStore) throws(StoreError) {
        guard let loaded = try store.load(room: room) else { throw .missing(room: room) }
        self.loaded = loaded
        do throws(StoreError) {
            snapshots = Set(try store.snapshotPositions(room: room).filter { $0 <= loaded.record.seq })
        } catch .corrupt {
            // The facts are all there.
            snapshots = []
        }
    }

    /// Facts that have been written, and how many there are.
    package var progress: (done: UInt64, total: UInt64) { (last.seq, loaded.record.seq) }

    /// The next lines, each with its newline; nil when all have been written.
    ///
    /// - Complexity: O(1,000 facts and a snapshot).
    /// - Throws: `corrupt` when the log does not hold.
    package mutating func page(from store: any RoomStore) throws(StoreError) -> [UInt8]? {
        var page = ByteSink()
        switch part {
        case .beginning:
            Self.put(ExportFormat.header(loaded.record), into: &page)
            try putSnapshot(at: 0, from: store, into: &page)
            part = last.seq < loaded.record.seq ? .facts : .rest
        case .facts:
            try putFacts(from: store, into: &page)
            if last.seq >= loaded.record.seq { part = .rest }
        case .rest:
            putRest(into: &page)
            part = .over
        case .over: return nil
        }
        return page.bytes
    }

    private static func put(_ line: Value, into page: inout ByteSink) {
        JSON.write(line, into: &page)
        page.append(UInt8(ascii: "\n"))
    }

    private mutating func putFacts(from store: any RoomStore, into page: inout ByteSink) throws(StoreError) {
        let room = loaded.record.id
        let facts = try store.facts(room: room, after: last.seq, limit: Self.factsOfPage)
            .filter { $0.seq <= loaded.record.seq }
        if facts.isEmpty { throw .corrupt(room: room, seq: last.seq + 1, detail: "the log ends here") }
        for fact in facts {
            if let fault = FactChain.fault(of: fact, after: last) {
                throw .corrupt(room: room, seq: last.seq + 1, detail: fault)
            }
            last = RoomPosition(seq: fact.seq, head: fact.id)
            Self.put(ExportFormat.line(fact), into: &page)
            try putSnapshot(at: fact.seq, from: store, into: &page)
        }
    }

    private mutating func putSnapshot(
        at seq: UInt64, from store: any RoomStore, into page: inout ByteSink
    ) throws(StoreError) {
        guard snapshots.remove(seq) != nil else { return }
        do throws(StoreError) {
            // One that has been thinned out since is not missed.
            guard let snapshot = try store.snapshot(room: loaded.record.id, at: seq) else { return }
            Self.put(ExportFormat.line(snapshot), into: &page)
        } catch {
            // Nor is one that cannot be used; the facts are all there.
            guard case .corrupt = error else { throw error }
        }
    }

    private func putRest(into page: inout ByteSink) {
        for session in loaded.sessions { Self.put(ExportFormat.line(session), into: &page) }
        for mark in loaded.marks { Self.put(ExportFormat.line(mark), into: &page) }
        for timer in loaded.timers { Self.put(ExportFormat.line(timer), into: &page) }
        for message in loaded.outgoing { Self.put(ExportFormat.line(message), into: &page) }
        for delivery in loaded.received { Self.put(ExportFormat.line(delivery), into: &page) }
        Self.put(ExportFormat.end(facts: loaded.record.seq), into: &page)
    }
}
