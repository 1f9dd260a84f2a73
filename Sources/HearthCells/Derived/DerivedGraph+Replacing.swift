package import HearthValues

extension DerivedGraph {
    /// Brings everything up to date from nothing, where another graph's values have been shown: those of the same room
    /// under an earlier version of its recipe.
    ///
    /// - Returns: the operations that lead from the other graph's values to these. `lastChanges` has the same as changes.
    /// - Throws: `DerivedError`; the graph is as it was.
    /// - Complexity: what computing every derived cell costs, and O(size of their values).
    package mutating func build(
        on state: CellState, inPlaceOf old: DerivedGraph
    ) throws(DerivedError) -> [PatchOperation] {
        try build(on: state)
        var operations: [PatchOperation] = []
        var changes: [Change] = []
        for name in old.values.keys where values[name] == nil {
            operations.append(.remove(Pointer(tokens: [name])))
            changes.append(.removed(Path(cell: name)))
        }
        for (name, value) in values {
            guard let before = old.values[name] else {
                operations.append(.add(Pointer(tokens: [name]), value))
                changes.append(.created(Path(cell: name), value))
                continue
            }
            guard before != value else { continue }
            operations += Patch.diff(from: before, to: value, at: Pointer(tokens: [name]))
            changes.append(.replaced(Path(cell: name), value))
        }
        lastChanges = changes
        return operations
    }
}
