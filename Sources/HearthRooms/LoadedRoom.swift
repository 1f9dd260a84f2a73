import HearthCells
package import HearthStore
package import HearthValues

/// What a store has of a room, with its cells read: most of what it takes to wake a room. It needs neither the room's recipe
/// nor its executor, which goes on with other rooms meanwhile.
package struct LoadedRoom: Sendable {
    package let stored: StoredRoom
    let state: CellState

    /// - Complexity: O(size of the snapshot + size of the facts).
    /// - Throws: `RoomError.corrupt` when the snapshot or a fact cannot be read or does not apply: such a room is never taken
    ///   for an empty one.
    package init(_ stored: StoredRoom) throws(RoomError) {
        self.stored = stored
        state = CellState(cells: try RoomHistory.cells(snapshot: stored.snapshot?.state, facts: stored.facts))
    }

    /// The stored cells as of the newest fact.
    package var cells: Object { state.cells }
}
