import HearthStore

/// The same store in the plainest way: whole copies, whole scans. It says what a random history ought to leave.
struct NaiveStore {
    private(set) var rooms: [String: StoredRoom] = [:]
    /// Every fact since the beginning.
    private(set) var logs: [String: [Fact]] = [:]

    mutating func apply(_ write: RoomWrite) {
        if write.deleteRoom {
            rooms[write.room] = nil
            logs[write.room] = nil
            return
        }
        if let record = write.create {
            rooms[write.room] = StoredRoom(
                record: record, snapshot: nil, facts: [], sessions: [], marks: [], timers: [], outgoing: [],
                received: [])
            logs[write.room] = []
        }
        guard var room = rooms[write.room] else { return }
        logs[write.room, default: []] += write.facts
        room.record.seq = write.facts.last?.seq ?? room.record.seq
        room.record.head = write.facts.last?.id ?? room.record.head
        room.record.updatedAt = write.updatedAt ?? room.record.updatedAt
        room.record.recipeVersion = write.recipeVersion ?? room.record.recipeVersion
        room.facts = logs[write.room, default: []].filter { $0.seq > room.snapshot?.seq ?? 0 }
        applyRecords(write, to: &room)
        rooms[write.room] = room
    }

    /// Only newer ones than before.
    mutating func keep(_ snapshot: StoredSnapshot, of id: String) {
        rooms[id]?.snapshot = snapshot
        rooms[id]?.facts = logs[id, default: []].filter { $0.seq > snapshot.seq }
    }

    private func applyRecords(_ write: RoomWrite, to room: inout StoredRoom) {
        for session in write.sessions {
            room.sessions.removeAll { $0.id == session.id }
            room.sessions.append(session)
        }
        for mark in write.marks {
            room.marks.removeAll { $0.session == mark.session && $0.event == mark.event }
            room.marks.append(mark)
        }
        let all = room.marks
        room.marks.removeAll { mark in
            let newest = all.filter { $0.session == mark.session }.map(\.event).max() ?? 0
            return mark.event <= newest - 256 && write.marks.contains { $0.session == mark.session }
        }
        room.sessions.removeAll { write.endedSessions.contains($0.id) }
        room.marks.removeAll { write.endedSessions.contains($0.session) }
        room.timers.removeAll { write.timersCancelled.contains($0.id) }
        for timer in write.timersSet {
            room.timers.removeAll { $0.id == timer.id }
            room.timers.append(timer)
        }
        room.outgoing.removeAll { write.outgoingDone.contains($0.id) }
        room.outgoing += write.outgoingAdded
        room.received += write.received.map { ReceivedRecord(id: $0, isSettled: false) }
        for index in room.received.indices where write.receivedSettled.contains(room.received[index].id) {
            room.received[index].isSettled = true
        }
        room.sessions.sort { $0.id < $1.id }
        room.marks.sort { ($0.session, $0.event) < ($1.session, $1.event) }
        room.timers.sort { $0.id < $1.id }
    }
}
