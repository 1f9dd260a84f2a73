package import HearthCells
package import HearthValues

/// Who made a commit.
package struct CommitInfo: Sendable, Hashable {
    package var event: String?
    package var handler: String?
    package var participant: String?

    package init(event: String? = nil, handler: String? = nil, participant: String? = nil) {
        self.event = event
        self.handler = handler
        self.participant = participant
    }
}

/// What later transactions must know of a commit. A class: it never changes, and is kept and looked at in many places.
package final class Commit: Sendable {
    package let seq: UInt64
    /// Everything it changed in the stored cells, rewritten links and collected cells included.
    package let writes: [Change]
    /// What followed from it in derived cells, so that reads of those are validated like any other.
    package let derived: [Change]
    package let info: CommitInfo
    /// How many bytes of memory it keeps, about.
    package let weight: Int

    package init(seq: UInt64, writes: [Change], derived: [Change] = [], info: CommitInfo, weight: Int = 0) {
        self.seq = seq
        self.writes = writes
        self.derived = derived
        self.info = info
        self.weight = weight
    }

    /// The first change that concerns what was read.
    func change(concerning read: Read) -> Change? {
        writes.first { $0.concerns(read) } ?? derived.first { $0.concerns(read) }
    }
}

/// Why a transaction could not be committed on a newer state.
package struct Conflict: Sendable, Hashable, Error {
    package var cell: String
    /// Where in the cell.
    package var pointer: Pointer
    /// What the transaction saw (for a length an int, for keys a list, for existence a bool); nil when absent or
    /// unknown. Large lists, objects and texts are only described: this goes into errors, logs and facts.
    package var expected: Value?
    /// The same, as it is now.
    package var actual: Value?
    /// The commit that came first.
    package var winner: CommitInfo
    package var winnerSeq: UInt64
    /// What the transaction was given as the `line` that read it (or wrote it); 0 when unknown.
    package var readAt: Int32

    package init(
        cell: String, pointer: Pointer, expected: Value?, actual: Value?, winner: CommitInfo, winnerSeq: UInt64,
        readAt: Int32
    ) {
        self.cell = cell
        self.pointer = pointer
        self.expected = expected?.abridged
        self.actual = actual?.abridged
        self.winner = winner
        self.winnerSeq = winnerSeq
        self.readAt = readAt
    }
}
