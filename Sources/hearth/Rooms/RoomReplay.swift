import HearthRooms
import HearthStore
import HearthValues

/// Plays a room's commits again from the first, to see that every snapshot is what they lead to.
enum RoomReplay {
    struct Finding {
        var seq: UInt64?
        var detail: String
    }

    /// - Parameter progress: called with the number of commits played since the last call.
    /// - Throws: `StoreError` when the store cannot be read; damage is a finding.
    static func check(_ room: String, in store: any RoomStore, progress: (Int) -> Void) throws -> [Finding] {
        guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
        let positions = try store.snapshotPositions(room: room).filter { $0 <= record.seq }
        var state = Value.object(Object())
        var seq: UInt64 = 0
        for position in positions + [record.seq] {
            while seq < position {
                let page = try store.facts(room: room, after: seq, limit: min(1_000, Int(clamping: position - seq)))
                if page.isEmpty { return [Finding(seq: seq + 1, detail: "the commit is missing")] }
                if let finding = apply(page, to: &state) { return [finding] }
                seq = page[page.count - 1].seq
                progress(page.count)
            }
            // One that cannot be used is found by the look at the hashes.
            guard positions.contains(position), let snapshot = try? store.snapshot(room: room, at: position) else {
                continue
            }
            // Room for both spellings: what counts is that they say the same.
            guard let stored = try? JSON.parse(snapshot.state, links: .parsed), stored == state else {
                return [Finding(seq: position, detail: "the snapshot is not what the commits lead to")]
            }
        }
        return []
    }

    private static func apply(_ facts: [Fact], to state: inout Value) -> Finding? {
        for fact in facts {
            do {
                try StoredCommit(fact).patch.apply(to: &state)
            } catch {
                return Finding(seq: fact.seq, detail: "the commit cannot be replayed: \(error)")
            }
        }
        return nil
    }
}
