import HearthCells
package import HearthStore
import HearthValues

/// A room's cells as of a commit that is on disk, which the store is to keep so that a load need not replay what came before.
///
/// To take one costs nothing: cells are a persistent structure. To write it out takes time in its size, on whichever thread
/// that is done.
package struct RoomSnapshot: Sendable {
    package let seq: UInt64
    let head: Hash
    let cells: Object
    /// How long it will be, roughly, in bytes.
    let bytesExpected: Int

    /// What the store is given.
    ///
    /// - Complexity: O(size of the cells).
    package func written() -> StoredSnapshot {
        StoredSnapshot(seq: seq, state: JSON.bytes(.object(cells), expecting: bytesExpected), head: head)
    }
}
