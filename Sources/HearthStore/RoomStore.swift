/// Where rooms are kept. Every implementation passes the laws in `HearthStoreLaws`.
///
/// All calls are synchronous and may be made from every thread. One writer at a time is the rule (`GroupWriter`); reads
/// go on beside it and see whole commits only.
package protocol RoomStore: AnyObject, Sendable {
    /// Applies all of `writes`, in order, durably, or none of them.
    ///
    /// When this returns, the writes survive the loss of power.
    /// - Throws: an error with a `faultyRoom` when one of the writes is at fault and the others would have been
    ///   accepted without that room's; `full`, `unavailable` or `closed` otherwise. Nothing has been applied then.
    /// - Complexity: O(changes · log n), whatever the size of the rooms.
    func commit(_ writes: [RoomWrite]) throws(StoreError)

    /// Removes a share of what deleted rooms have left: a room is gone at once, and what belongs to it bit by bit.
    /// - Returns: false when there was nothing.
    func sweep() throws(StoreError) -> Bool

    /// Keeps a snapshot of a fact that the room has.
    ///
    /// Nothing rests on it: it saves whoever loads the room from replaying what came before. However large it is, commits go
    /// on meanwhile. One of the same seq takes its place; which others go says `SnapshotRetention`.
    /// - Throws: `missing` or `rejected` when the room has no such fact; `full`, `unavailable` or `closed`. What was kept before is
    ///   still there then.
    /// - Complexity: O(size of the snapshot).
    func keep(_ snapshot: StoredSnapshot, of room: String) throws(StoreError)

    /// The snapshot that is kept of exactly this seq, or nil when there is none of the room's log.
    /// - Throws: `corrupt` when it cannot be read or is damaged.
    func snapshot(room: String, at seq: UInt64) throws(StoreError) -> StoredSnapshot?

    /// The room as of its newest fact, or nil when there is none of that id.
    /// - Throws: `corrupt` when the room is there and cannot be read whole: the chain from its newest snapshot to its
    ///   head is checked fact by fact. A snapshot that cannot be used is passed over, and told of.
    func load(room: String) throws(StoreError) -> StoredRoom?

    /// The room's record, or nil when there is no such room.
    func record(room: String) throws(StoreError) -> RoomRecord?

    /// What is needed to rebuild the room as of `seq`: the newest snapshot at or before it that can be used, and the facts from there up
    /// to and including it.
    /// - Returns: nil when there is no such room, or its newest fact is older than `seq`.
    /// - Throws: `corrupt` when the chain between the two does not hold.
    func stored(room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])?

    /// The facts with a seq above `after`, in order, as they lie in the store: their ids are not checked.
    /// - Parameter limit: how many at most; `StoreLimits.pageMax` whatever is asked for.
    /// - Returns: an empty list when there is no such room.
    func facts(room: String, after: UInt64, limit: Int) throws(StoreError) -> [Fact]

    /// The seqs for which a snapshot may be kept, rising.
    /// - Throws: `corrupt` when they cannot be listed.
    func snapshotPositions(room: String) throws(StoreError) -> [UInt64]

    /// Rooms in order of the UTF-8 bytes of their ids.
    /// - Parameters:
    ///   - recipe: only rooms of this recipe; nil for all.
    ///   - after: only ids above this one; nil from the start.
    ///   - limit: how many at most; `StoreLimits.pageMax` whatever is asked for.
    func rooms(recipe: String?, after: String?, limit: Int) throws(StoreError) -> [RoomRecord]

    /// How many rooms there are.
    /// - Complexity: O(rooms), a hundredth of a second for a hundred thousand.
    func roomCount() throws(StoreError) -> Int

    /// Rooms with a timer that is due before `time` (milliseconds since 1970), the earliest first.
    func dueRooms(before time: Int64, limit: Int) throws(StoreError) -> [DueRoom]

    /// Rooms with messages to other rooms that have not been received, in order of id.
    func roomsWithOutgoing(after: String?, limit: Int) throws(StoreError) -> [String]

    /// Copies everything to a new file at `path`, as of one moment, while the store goes on.
    /// - Throws: `unavailable` when the file exists or the store has no files.
    func backup(to path: String) throws(StoreError)

    /// Throws unless the store answers. Does not try to write, which could wait for a lock.
    func check() throws(StoreError)

    /// Lets go of what it keeps only to be fast, as soon as it can; returns before.
    func releaseMemory()

    /// Ends all use; later calls throw `closed`. Safe to call again.
    func close()
}

extension RoomStore {
    package func releaseMemory() {}
    package func sweep() throws(StoreError) -> Bool { false }
}
