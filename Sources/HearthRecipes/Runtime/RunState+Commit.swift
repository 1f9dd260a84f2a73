import HearthCells
import HearthTransactions
import HearthValues

/// The one place where checked writes reach the cells.
extension RunState {
    /// Rounds of watches before they are taken for a circle.
    static let watchRoundsMax = 100

    func commit(_ write: consuming Write, to node: Node) throws(RunError) {
        guard mode == .handler else { throw RunError(mode.refusal) }
        try count(\.writes, as: "writes", upTo: limits.writesMax, "writes")
        switch node.kind {
        case .stored: try commitStored(consume write)
        case .ephemeral: try commitEphemeral(consume write)
        case .derived:
            throw RunError("\(node.path.title) is derived: it follows other cells and cannot be written")
        case .cells, .many, .gone: throw RunError("\(node.path.title) cannot be written")
        }
    }

    private func commitStored(_ write: consuming Write) throws(RunError) {
        let path = write.path
        if catalog.hasWatches { noteBefore(path.cell) }
        do throws(CellError) {
            if !path.steps.isEmpty || write.isOfContent, !transaction.state.cells.contains(path.cell),
                let initial = catalog.entry(ofCell: path.cell)?.initial
            {
                try transaction.write(.set(Path(cell: path.cell), initial))
            }
            try transaction.write(consume write, line: callerPlace())
        } catch {
            throw RunError(error.message)
        }
        writeStamp += 1
    }

    private func commitEphemeral(_ write: Write) throws(RunError) {
        let path = write.path
        var state = ephemeral
        ephemeralState = nil
        defer { ephemeralState = state }
        do throws(CellError) {
            if !path.steps.isEmpty || write.isOfContent, !state.cells.contains(path.cell),
                let initial = catalog.entry(ofCell: path.cell)?.initial
            {
                _ = try state.apply(.set(Path(cell: path.cell), initial))
            }
            _ = try state.apply(write)
        } catch {
            throw RunError(error.message)
        }
        if !ephemeralChanged.contains(path.cell) { ephemeralChanged.append(path.cell) }
    }

    /// Remembers what a watched cell held before its first change that its watch has not seen.
    private func noteBefore(_ cell: String) {
        guard before[cell] == nil, catalog.entry(ofCell: cell)?.watch != nil else { return }
        before[cell] = transaction.state.cells[cell] ?? .null
        unseen.append(cell)
    }

    /// The watched cells that differ from what their watches last saw, with what they held then.
    func takeUnseen() -> [(cell: String, before: Value)] {
        let changed = unseen.compactMap { cell -> (cell: String, before: Value)? in
            guard let old = before[cell], old != transaction.state.cells[cell] ?? .null else { return nil }
            return (cell, old)
        }
        unseen.removeAll(keepingCapacity: true)
        before.removeAll(keepingCapacity: true)
        return changed
    }

    /// New values of the ephemeral cells that the handler wrote, as effects: one each, the last.
    func emitEphemeral() {
        guard let state = ephemeralState else { return }
        for cell in ephemeralChanged {
            effects.append(.ephemeral(cell: cell, value: state.cells[cell] ?? .null))
        }
    }
}

extension Write {
    /// Whether it changes what a cell holds and needs the cell to be there.
    fileprivate var isOfContent: Bool {
        switch self {
        case .push, .insert, .increment: true
        case .set, .remove: false
        }
    }
}
