import Dispatch
import HearthStore
import Synchronization

/// A store whose first commit, or first snapshot, waits until it is let through, so that a test knows what waits behind it.
final class GatedStore: RoomStore {
    let base = MemoryStore()
    private let arrival = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)
    private let commits = Atomic(0)
    private let isGate = Atomic(false)
    private let failure = Mutex<StoreError?>(nil)

    func awaitArrival() { arrival.wait() }

    func openGate() { gate.signal() }

    /// Whether it is a snapshot that waits.
    var gatesSnapshots: Bool {
        get { isGate.load(ordering: .acquiring) }
        set { isGate.store(newValue, ordering: .releasing) }
    }

    func failSecondCommit(with error: StoreError) {
        failure.withLock { $0 = error }
    }

    func commit(_ writes: [RoomWrite]) throws(StoreError) {
        let number = commits.add(1, ordering: .relaxed).newValue
        if number == 1, !gatesSnapshots {
            arrival.signal()
            gate.wait()
        }
        if number == 2, let failure = failure.withLock({ $0 }) { throw failure }
        try base.commit(writes)
    }

    /// Each tells that it has begun, and waits until it is told whether there was something.
    private let sweepGate = DispatchSemaphore(value: 0)
    let leftovers = Atomic(0)

    func letSweep() { sweepGate.signal() }

    func sweep() throws(StoreError) -> Bool {
        arrival.signal()
        sweepGate.wait()
        return leftovers.subtract(1, ordering: .relaxed).oldValue > 0
    }

    func keep(_ snapshot: StoredSnapshot, of room: String) throws(StoreError) {
        if isGate.exchange(false, ordering: .acquiringAndReleasing) {
            arrival.signal()
            gate.wait()
        }
        try base.keep(snapshot, of: room)
    }
    func snapshot(room: String, at seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        try base.snapshot(room: room, at: seq)
    }
    func load(room: String) throws(StoreError) -> StoredRoom? { try base.load(room: room) }
    func record(room: String) throws(StoreError) -> RoomRecord? { try base.record(room: room) }
    func stored(room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        try base.stored(room: room, at: seq)
    }
    func facts(room: String, after: UInt64, limit: Int) throws(StoreError) -> [Fact] {
        try base.facts(room: room, after: after, limit: limit)
    }
    func snapshotPositions(room: String) throws(StoreError) -> [UInt64] { try base.snapshotPositions(room: room) }
    func rooms(recipe: String?, after: String?, limit: Int) throws(StoreError) -> [RoomRecord] {
        try base.rooms(recipe: recipe, after: after, limit: limit)
    }
    func roomCount() throws(StoreError) -> Int { try base.roomCount() }
    func dueRooms(before time: Int64, limit: Int) throws(StoreError) -> [DueRoom] {
        try base.dueRooms(before: time, limit: limit)
    }
    func roomsWithOutgoing(after: String?, limit: Int) throws(StoreError) -> [String] {
        try base.roomsWithOutgoing(after: after, limit: limit)
    }
    func backup(to path: String) throws(StoreError) { try base.backup(to: path) }
    func check() throws(StoreError) { try base.check() }
    func close() { base.close() }
}
