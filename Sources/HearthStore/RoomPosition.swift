/// How far a room's log has come: what a write is checked against.
package struct RoomPosition: Sendable, Hashable {
    package var seq: UInt64
    package var head: Hash

    package init(seq: UInt64, head: Hash) {
        self.seq = seq
        self.head = head
    }
}

extension RoomWrite {
    /// Whether the write may be made to a room at `position`; the one rule for every store.
    /// - Parameter position: nil when there is no such room.
    /// - Returns: the room's position after the write.
    /// - Throws: `missing`, `exists`, `headMismatch` or `rejected`, always naming the room.
    package func checked(against position: RoomPosition?) throws(StoreError) -> RoomPosition {
        var next = try startingPosition(position)
        if let expectedHead, expectedHead != next.head {
            throw .headMismatch(room: room, expected: expectedHead, found: next.head)
        }
        if deleteRoom && !isOnlyDeletion { throw rejection("it deletes the room and changes it too") }
        for fact in facts {
            guard fact.seq == next.seq + 1 else {
                throw rejection("fact \(fact.seq) does not follow \(next.seq)")
            }
            guard fact.parent == next.head else {
                throw .headMismatch(room: room, expected: fact.parent, found: next.head)
            }
            guard fact.seq <= StoreLimits.seqMax else { throw rejection("the log is at its limit") }
            next = RoomPosition(seq: fact.seq, head: fact.id)
        }
        for session in sessions where session.room != room {
            throw rejection("the session \(session.id) belongs to \"\(session.room)\"")
        }
        return next
    }

    private func startingPosition(_ position: RoomPosition?) throws(StoreError) -> RoomPosition {
        guard let create else {
            guard let position else { throw .missing(room: room) }
            return position
        }
        if position != nil { throw .exists(room: room) }
        guard create.id == room, create.seq == 0, create.head == .zero else {
            throw rejection("a room begins under its own id, with seq 0 and no head")
        }
        guard renameTo == nil else { throw rejection("it creates the room and renames it too") }
        return RoomPosition(seq: 0, head: .zero)
    }

    private func rejection(_ detail: String) -> StoreError {
        .rejected(room: room, detail: detail)
    }
}

extension StoredSnapshot {
    /// Whether the snapshot is one of a room's log; the one rule for every store.
    /// - Parameters:
    ///   - position: nil when there is no such room.
    ///   - known: the id of the room's fact at a seq, zero for 0, nil when there is none.
    /// - Throws: `missing` or `rejected`: the room is another by now, or was never this one.
    package func check(
        room: String, at position: RoomPosition?, idOf known: (UInt64) throws(StoreError) -> Hash?
    ) throws(StoreError) {
        guard let position else { throw .missing(room: room) }
        guard seq <= position.seq else {
            throw .rejected(
                room: room, detail: "the snapshot of seq \(seq) is ahead of the log, which ends at \(position.seq)")
        }
        guard try known(seq) == head else {
            throw .rejected(room: room, detail: "the snapshot of seq \(seq) has another head than the log")
        }
    }
}

/// Which snapshots go when a new one has been added.
package enum SnapshotRetention {
    /// The one snapshot to remove, if any, so that the first, the latest two and a bounded spacing remain.
    /// - Parameter latest: the seqs of the latest four snapshots, falling.
    package static func removable(latest: [UInt64]) -> UInt64? {
        guard latest.count >= 4, latest[1] - latest[3] <= StoreLimits.snapshotSpacing else { return nil }
        return latest[2]
    }
}

/// Rooms that do not exist yet, because they are being imported, or no more, because they are being removed.
package enum StagedRoom {
    /// No room's own id begins with a control character.
    package static let prefix = "\u{1}"
    package static let removedPrefix = prefix + "\u{1}"
    /// Those of imports come behind it.
    package static let importPrefix = prefix + "\u{2}"

    package static func id(for room: String) -> String { importPrefix + room }

    /// What a deleted room is called until all of it is gone.
    package static func removedID(_ number: Int64) -> String { removedPrefix + String(number) }

    package static func isStaged(_ id: String) -> Bool { id.utf8.first == 1 }
}
