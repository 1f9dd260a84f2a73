import HearthCells
import HearthTransactions
import HearthValues

/// Derived cells as a running transaction would leave them: the graph of its basis, brought up to date with the
/// transaction's own changes when a handler reads a derived cell. A copy, dropped with the run.
struct DerivedView {
    private(set) var graph: DerivedGraph
    private var changesSeen = 0

    init(graph: DerivedGraph) { self.graph = graph }

    var values: Object { graph.values }

    /// - Throws: `DerivedError`; the view is as it was.
    mutating func update(to transaction: Transaction) throws(DerivedError) {
        let changes = transaction.changes
        if changes.count == changesSeen { return }
        try graph.refresh(after: Array(changes[changesSeen...]), state: transaction.state)
        changesSeen = changes.count
    }
}

extension RunState {
    /// What lies in a derived cell, the handler's own writes included.
    func derivedValue(at path: Path) throws(RunError) -> Value? {
        // Between runs no graph is lent; what a derived function reads is the graph's own to look up.
        guard isRunning, mode != .deriving else { return nil }
        var view = derivedView.take() ?? DerivedView(graph: derived)
        defer { derivedView = view }
        do throws(DerivedError) {
            try view.update(to: transaction)
        } catch {
            throw RunError(error.message)
        }
        return view.values.value(at: path)
    }
}

extension Object {
    func value(at path: Path) -> Value? {
        var value = self[path.cell]
        for step in path.steps { value = value?.child(at: step) }
        return value
    }
}
