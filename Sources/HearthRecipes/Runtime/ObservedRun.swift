import HearthCells
import HearthTransactions
import HearthValues

/// A run of an event as it ended, with the lines of the recipe that did what it did.
package struct ObservedRun {
    package var invocation: Invocation
    package var outcome: RunOutcome
    /// Which line wrote to which cell, in the order of the writes; each line once for a cell.
    package var writes: [(cell: String, place: SourcePlace)]
    /// The line of the wait that it came to; nil when it came to none, or the line is unknown.
    package var waitsAt: SourcePlace?

    init(
        _ invocation: Invocation, _ outcome: RunOutcome, _ transaction: borrowing Transaction, waitsAt: Int32,
        in recipe: Recipe
    ) {
        self.invocation = invocation
        self.outcome = outcome
        writes = []
        for (write, line) in transaction.placedWrites {
            guard let place = recipe.place(line), !writes.contains(where: { $0 == (write.path.cell, place) }) else {
                continue
            }
            writes.append((write.path.cell, place))
        }
        if case .waiting = outcome { self.waitsAt = recipe.place(waitsAt) }
    }
}
