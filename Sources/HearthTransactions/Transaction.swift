package import HearthCells
package import HearthValues

/// One optimistic run of a handler: what it read, what it means to write, and a working copy that shows it its writes.
///
/// Everything that must vanish with a rollback is in here, so rolling back is dropping the value. Reading and writing
/// append to plain arrays; all analysis waits until a newer commit makes it necessary.
package struct Transaction: Sendable {
    /// The commit it started from.
    package private(set) var basisSeq: UInt64
    /// The cells it started from.
    package private(set) var basis: CellState
    /// The cells as the handler sees them: the basis with its own writes.
    package private(set) var state: CellState
    private(set) var reads: [ReadRecord] = []
    private(set) var intents: [Intent] = []
    /// What its writes changed on the working copy.
    package private(set) var changes: [Change] = []
    /// Held until the commit; the caller's own kind of values.
    package var effects: [any Sendable] = []

    package init(basis seq: UInt64, state: CellState) {
        basisSeq = seq
        basis = state
        self.state = state
    }

    /// Lets a transaction that is `unaffected` by what was committed since count as begun on a newer state.
    package mutating func move(toBasis seq: UInt64, _ state: CellState) {
        basisSeq = seq
        basis = state
    }

    /// How many reads were recorded.
    package var readCount: Int { reads.count }

    /// How many writes were made.
    package var writeCount: Int { intents.count }

    /// The writes as they were asked for.
    package var writes: [Write] { intents.map(\.write) }

    /// The writes with the lines, or whatever stands for them, that made them, in their order.
    package var placedWrites: [(write: Write, line: Int32)] { intents.map { ($0.write, $0.line) } }

    /// The first thing that was read, with what was seen there, or else written; nil when there was neither.
    package var firstTouch: (path: Path, seen: Value?, line: Int32)? {
        if let first = reads.first {
            let seen = basis.value(at: first.read.path).map { $0.aspect(first.read.aspect) }
            return (first.read.path, seen ?? first.read.aspect.ofNothing, first.line)
        }
        return intents.first.map { ($0.write.path, nil, $0.line) }
    }

    /// Records that something was read.
    ///
    /// - Parameter line: the line of the recipe, or any number that stands for it; 0 when unknown.
    /// - Complexity: O(1).
    package mutating func read(_ path: Path, _ aspect: ReadAspect, line: Int32 = 0) {
        if reads.isEmpty { reads.reserveCapacity(4) }
        reads.append(ReadRecord(read: Read(path, aspect), line: line, intentsBefore: Int32(intents.count)))
    }

    /// Reads what lies at a path to which no link leads.
    ///
    /// - Parameter line: asked for the line when something is found and `aspect` says what was asked of it.
    /// - Returns: nil, with nothing recorded, when nothing is there, a link stands on the way or at the end, or the cell holds
    ///   null.
    package mutating func readPlain(_ path: Path, _ aspect: ReadAspect?, line: () -> Int32) -> Value? {
        guard let value = state.value(atLinkless: path), !value.isNull || !path.steps.isEmpty else { return nil }
        if let aspect { read(path, aspect, line: line()) }
        return value
    }

    /// Forgets the last read if it was of the value at `path`: what was read there turned out not to be used.
    package mutating func forgetLastRead(of path: Path) {
        if let last = reads.last?.read, last.aspect == .value, last.path == path { reads.removeLast() }
    }

    /// Makes a write on the working copy and records the intent.
    ///
    /// What it changed is added to `changes`.
    ///
    /// - Throws: `CellError` when it does not fit; nothing was recorded.
    package mutating func write(_ write: consuming Write, line: Int32 = 0) throws(CellError) {
        let known = changes.count
        try state.apply(write, appendingTo: &changes)
        intents.append(Intent(write: consume write, change: known < changes.count ? Int32(known) : nil, line: line))
    }

    /// Ends a transaction that ran on the newest state: the state to commit, and the changes that lead to it.
    package consuming func end() -> (CellState, [Change]) {
        // Taken out, not copied: what it holds goes with it.
        var end = (CellState(), [Change]())
        swap(&end.0, &state)
        swap(&end.1, &changes)
        return end
    }

    /// Follows a path through all links, recording each link's own place and what was asked at the end.
    ///
    /// - Parameter other: cells that are not stored (derived, ephemeral), looked up first.
    package mutating func resolve(
        _ path: Path, _ aspect: ReadAspect?, line: Int32 = 0, beside other: (String) -> Value?
    ) -> Resolution {
        let resolution = state.resolve(path, beside: other)
        for hop in resolution.hops { read(hop, .value, line: line) }
        if let aspect { read(resolution.path, aspect, line: line) }
        return resolution
    }
}

extension Transaction: CellReader {
    package mutating func resolve(_ path: Path, _ aspect: ReadAspect?, line: Int32) -> Resolution {
        resolve(path, aspect, line: line) { _ in nil }
    }
}

/// Something that was read, and when.
struct ReadRecord: Sendable {
    var read: Read
    var line: Int32
    /// How many writes the handler had made before: they moved and hid things.
    var intentsBefore: Int32
}

/// A write, and what it changed on the working copy.
struct Intent: Sendable {
    var write: Write
    /// The place of the first change that it made among the transaction's changes; nil: it changed nothing.
    var change: Int32?
    var line: Int32
}
