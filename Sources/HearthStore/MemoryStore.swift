internal import Synchronization

/// A store that forgets everything when the process ends. For tests, simulations and trials.
package final class MemoryStore: RoomStore {
    // The only mutable state; every call holds the lock from beginning to end.
    private let state = Mutex(State())
    private let faults: FaultPlan?

    private struct State {
        var rooms: [String: MemoryRoom] = [:]
        var isClosed = false
    }

    /// - Parameter faults: asked before each write of a commit; tests let it fail there.
    package init(faults: FaultPlan? = nil) {
        self.faults = faults
    }

    package func commit(_ writes: [RoomWrite]) throws(StoreError) {
        try locked { (state: inout State) throws(StoreError) in
            // Everything is checked before anything is changed, so nothing has to be taken back.
            var positions: [String: RoomPosition?] = [:]
            var reached: [RoomPosition] = []
            reached.reserveCapacity(writes.count)
            for write in writes {
                try faults?.step()
                let known = positions[write.room] ?? state.rooms[write.room]?.record.position
                let next = try write.checked(against: known)
                reached.append(next)
                positions[write.room] = .some(write.deleteRoom ? nil : next)
                guard let name = write.renameTo else { continue }
                let taken = positions[name] ?? state.rooms[name]?.record.position
                if taken != nil { throw .exists(room: name) }
                positions[write.room] = .some(nil)
                positions[name] = next
            }
            for (write, position) in zip(writes, reached) {
                MemoryStore.apply(write, reaching: position, to: &state.rooms)
            }
        }
    }

    private static func apply(
        _ write: RoomWrite, reaching position: RoomPosition, to rooms: inout [String: MemoryRoom]
    ) {
        if let record = write.create { rooms[write.room] = MemoryRoom(record: record) }
        rooms[write.room]?.apply(write, reaching: position)
        if write.deleteRoom { rooms[write.room] = nil }
        if let name = write.renameTo, var room = rooms.removeValue(forKey: write.room) {
            room.rename(to: name)
            rooms[name] = room
        }
    }

    package func keep(_ snapshot: StoredSnapshot, of room: String) throws(StoreError) {
        try locked { (state: inout State) throws(StoreError) in
            let known = state.rooms[room]
            try snapshot.check(room: room, at: known?.record.position) { seq in known?.id(at: seq) }
            try faults?.step()
            state.rooms[room]?.add(snapshot)
        }
    }

    package func snapshot(room: String, at seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        try locked { state in state.rooms[room]?.snapshots.first { $0.seq == seq } }
    }

    package func load(room: String) throws(StoreError) -> StoredRoom? {
        try locked { (state: inout State) throws(StoreError) in try state.rooms[room]?.loaded() }
    }

    package func record(room: String) throws(StoreError) -> RoomRecord? {
        try locked { state in state.rooms[room]?.record }
    }

    package func stored(room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        try locked { (state: inout State) throws(StoreError) in try state.rooms[room]?.stored(at: seq) }
    }

    package func facts(room: String, after: UInt64, limit: Int) throws(StoreError) -> [Fact] {
        try locked { state in
            guard let facts = state.rooms[room]?.facts, after < facts.count else { return [] }
            return Array(facts[Int(after)...].prefix(min(max(limit, 0), StoreLimits.pageMax)))
        }
    }

    package func snapshotPositions(room: String) throws(StoreError) -> [UInt64] {
        try locked { state in state.rooms[room]?.snapshots.map(\.seq) ?? [] }
    }

    package func rooms(recipe: String?, after: String?, limit: Int) throws(StoreError) -> [RoomRecord] {
        try locked { state in
            let found = state.rooms.values.lazy.map(\.record).filter { record in
                !StagedRoom.isStaged(record.id) && (recipe == nil || record.recipe == recipe)
                    && (after?.precedes(record.id) ?? true)
            }
            let sorted = found.sorted { $0.id.precedes($1.id) }
            return Array(sorted.prefix(min(max(limit, 0), StoreLimits.pageMax)))
        }
    }

    package func dueRooms(before time: Int64, limit: Int) throws(StoreError) -> [DueRoom] {
        try locked { state in
            let due = state.rooms.values.compactMap { room -> DueRoom? in
                guard !StagedRoom.isStaged(room.record.id) else { return nil }
                guard let dueAt = room.timers.values.map(\.dueAt).min(), dueAt < time else { return nil }
                return DueRoom(room: room.record.id, dueAt: dueAt)
            }
            let sorted = due.sorted { $0.dueAt == $1.dueAt ? $0.room.precedes($1.room) : $0.dueAt < $1.dueAt }
            return Array(sorted.prefix(min(max(limit, 0), StoreLimits.pageMax)))
        }
    }

    package func roomCount() throws(StoreError) -> Int {
        try locked { state in state.rooms.keys.count { !StagedRoom.isStaged($0) } }
    }

    package func roomsWithOutgoing(after: String?, limit: Int) throws(StoreError) -> [String] {
        try locked { state in
            let waiting = state.rooms.values.filter { !$0.outgoing.isEmpty }.map(\.record.id)
            let found = waiting.filter { !StagedRoom.isStaged($0) && (after?.precedes($0) ?? true) }
            return Array(found.sorted { $0.precedes($1) }.prefix(min(max(limit, 0), StoreLimits.pageMax)))
        }
    }

    package func backup(to path: String) throws(StoreError) {
        throw .unavailable(detail: "a store in memory has nothing to copy; use export")
    }

    package func check() throws(StoreError) {
        try locked { _ in }
    }

    package func close() {
        state.withLock { $0.isClosed = true }
    }

    private func locked<R: Sendable>(
        _ body: (inout sending State) throws(StoreError) -> sending R
    ) throws(StoreError) -> R {
        let result: Result<R, StoreError> = state.withLock { state in
            if state.isClosed { return .failure(.closed) }
            do throws(StoreError) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension MemoryStore {
    /// Changes a room behind the store's back, as failing hardware would. For tests.
    package func damage(room: String, _ body: (inout [Fact], inout RoomRecord) -> Void) {
        state.withLock { state in
            guard var damaged = state.rooms[room] else { return }
            body(&damaged.facts, &damaged.record)
            state.rooms[room] = damaged
        }
    }
}

extension MemoryRoom {
    fileprivate mutating func rename(to name: String) {
        record.id = name
        for id in sessions.keys { sessions[id]?.room = name }
    }
}
