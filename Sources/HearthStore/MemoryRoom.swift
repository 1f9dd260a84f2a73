/// A room in the in-memory store.
struct MemoryRoom {
    var record: RoomRecord
    /// Fact `seq` stands at `seq - 1`.
    var facts: [Fact] = []
    /// Rising by seq.
    var snapshots: [StoredSnapshot] = []
    var sessions: [String: SessionRecord] = [:]
    var marks: [String: [Int64: Mark]] = [:]
    var timers: [String: TimerRecord] = [:]
    var outgoing: [OutgoingRecord] = []
    private var received: [(place: Int64, record: ReceivedRecord)] = []

    init(record: RoomRecord) {
        self.record = record
    }

    /// Makes a write that has been checked; cannot fail.
    mutating func apply(_ write: RoomWrite, reaching position: RoomPosition) {
        facts += write.facts
        record.seq = position.seq
        record.head = position.head
        record.updatedAt = write.updatedAt ?? record.updatedAt
        record.recipeVersion = write.recipeVersion ?? record.recipeVersion
        applySessions(write)
        for id in write.timersCancelled { timers[id] = nil }
        for timer in write.timersSet { timers[timer.id] = timer }
        applyMessages(write)
    }

    mutating func add(_ snapshot: StoredSnapshot) {
        let index = snapshots.firstIndex { $0.seq >= snapshot.seq } ?? snapshots.endIndex
        if index < snapshots.endIndex, snapshots[index].seq == snapshot.seq {
            snapshots[index] = snapshot
        } else {
            snapshots.insert(snapshot, at: index)
        }
        let latest = snapshots.suffix(4).reversed().map(\.seq)
        if let removable = SnapshotRetention.removable(latest: latest) {
            snapshots.removeAll { $0.seq == removable }
        }
    }

    private mutating func applySessions(_ write: RoomWrite) {
        for session in write.sessions { sessions[session.id] = session }
        for mark in write.marks { marks[mark.session, default: [:]][mark.event] = mark }
        for session in Set(write.marks.map(\.session)) {
            guard let events = marks[session], let newest = events.keys.max() else { continue }
            let oldest = newest - StoreLimits.marksPerSession
            marks[session] = events.filter { $0.key > oldest }
        }
        for id in write.endedSessions {
            sessions[id] = nil
            marks[id] = nil
        }
    }

    private mutating func applyMessages(_ write: RoomWrite) {
        if !write.outgoingDone.isEmpty {
            let done = Set(write.outgoingDone)
            outgoing.removeAll { done.contains($0.id) }
        }
        for message in write.outgoingAdded {
            if let index = outgoing.firstIndex(where: { $0.id == message.id }) {
                outgoing[index] = message
            } else {
                outgoing.append(message)
            }
        }
        applyReceived(write)
    }

    private mutating func applyReceived(_ write: RoomWrite) {
        if write.received.isEmpty && write.receivedSettled.isEmpty { return }
        var known = Set(received.map(\.record.id))
        for id in write.received where known.insert(id).inserted {
            received.append(((received.last?.place ?? 0) + 1, ReceivedRecord(id: id)))
        }
        let settled = Set(write.receivedSettled)
        for index in received.indices where settled.contains(received[index].record.id) {
            received[index].record.isSettled = true
        }
        let newest = received.last?.place ?? 0
        received.removeAll { place, record in
            let max = record.isSettled ? StoreLimits.receivedMax : StoreLimits.receivedOpenMax
            return place <= newest - Int64(max)
        }
    }
}

extension MemoryRoom {
    /// The id of a fact; zero for 0, before the first.
    func id(at seq: UInt64) -> Hash? {
        if seq == 0 { return .zero }
        return seq <= facts.count ? facts[Int(seq) - 1].id : nil
    }

    func loaded() throws(StoreError) -> StoredRoom {
        let since = Array(facts.dropFirst(Int(snapshots.last?.seq ?? 0)))
        try FactChain.check(since, after: snapshots.last, room: record.id, reaching: record.position)
        return StoredRoom(
            record: record, snapshot: snapshots.last, facts: since,
            sessions: sessions.values.sorted { $0.id.precedes($1.id) },
            marks: marks.values.flatMap(\.values).sorted {
                $0.session == $1.session ? $0.event < $1.event : $0.session.precedes($1.session)
            },
            timers: timers.values.sorted { $0.id.precedes($1.id) },
            outgoing: outgoing, received: received.map(\.record))
    }

    func stored(at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        guard seq <= record.seq else { return nil }
        let snapshot = snapshots.last { $0.seq <= seq }
        let since = Array(facts[Int(snapshot?.seq ?? 0)..<Int(seq)])
        try FactChain.check(since, after: snapshot, room: record.id, reaching: nil)
        return (snapshot, since)
    }
}

extension RoomRecord {
    package var position: RoomPosition { RoomPosition(seq: seq, head: head) }
}

extension String {
    /// Order by UTF-8 bytes, the order of every list that a store gives.
    func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
