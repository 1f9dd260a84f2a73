import HearthValues

/// Derived cells that only count or show the end of a stored list, when a room has no others: most rooms.
///
/// None of them needs another and none can fail. So nothing is queued, nothing waits and no edge is looked at: one pass in
/// the order of declaration does what `settleAll` would.
extension DerivedGraph {
    /// - Parameter lists: what each derived cell follows, by its place.
    mutating func followTails(of lists: [FollowedList], after changes: [Change], _ state: CellState) {
        var output = DerivedOutput(name: "", values: values)
        // Held in one place, so that it is changed where it is.
        values = Object()
        var growth: ListGrowth?
        var list = List()
        for node in lists.indices {
            if !lists[node].isThatBefore {
                growth = changes.growth(of: lists[node].path)
                if growth != nil { list = state.list(at: lists[node].path) }
            }
            guard let growth else { continue }
            let known = output.changes.count
            if known == 0 { output.reserve(4) }
            output.name = plan.definitions[node].name
            guard follow(node, growth, list, &output) else { continue }
            nodes[node].recomputed += 1
            if output.changes.count == known { nodes[node].skipped += 1 }
        }
        values = output.values
        lastChanges = output.changes
    }

    /// - Returns: false when what happened to the list does not concern the cell.
    private mutating func follow(
        _ node: Int, _ growth: ListGrowth, _ list: List, _ output: inout DerivedOutput
    ) -> Bool {
        guard case .window(var window) = nodes[node].kind else {
            if case .edited(let edits) = growth, edits.allSatisfy(\.isTouch) { return false }
            output.set(.int(Int64(list.count)))
            return true
        }
        switch growth {
        case .pushed(let values): window.push(values, list, &output)
        case .edited(let edits): window.update(edits, list, &output)
        }
        nodes[node].kind = .window(window)
        return true
    }
}

/// What happened to a list.
private enum ListGrowth {
    /// Elements were pushed, which is what mostly happens, and nothing else.
    case pushed([Value])
    case edited([ListEdit])
}

extension [Change] {
    /// What they mean to the list at a path; nil: nothing.
    fileprivate func growth(of list: Path) -> ListGrowth? {
        if count == 1, case .pushed(let path, _, let values) = self[0], path == list { return .pushed(values) }
        var pushed: [Value] = []
        for index in indices {
            guard let edit = self[index].edit(of: list) else { continue }
            guard case .pushed = edit, case .pushed(_, _, let values) = self[index] else {
                return .edited(compactMap { $0.edit(of: list) })
            }
            if pushed.isEmpty { pushed = values } else { pushed += values }
        }
        return pushed.isEmpty ? nil : .pushed(pushed)
    }
}

extension ListEdit {
    /// Whether the list has the same elements in the same places.
    fileprivate var isTouch: Bool { if case .touched = self { true } else { false } }
}

extension CellState {
    /// The list at a path; empty when something else is there, or nothing.
    func list(at path: Path) -> List {
        var value = cells[path.cell]
        for step in path.steps { value = value?.child(at: step) }
        if case .list(let list)? = value { return list }
        return List()
    }
}
