package import HearthCells
package import HearthValues

extension RecipeRuntime {
    /// The first place where writes that were made again on newer cells leave more than the declared types allow: the
    /// handler checked them against the cells it saw.
    package func misfit(_ changes: [Change], in cells: CellState) -> Path? {
        changes.first { !fits($0, in: cells) }?.path
    }

    private func fits(_ change: Change, in cells: CellState) -> Bool {
        let path = change.path
        guard let type = state.catalog.type(at: path)?.required, let value = cells.value(at: path) else { return true }
        switch change {
        case .removed, .removedElement: return true
        case .pushed, .inserted:
            guard case .list(let rule) = type, let max = rule.max, case .list(let list) = value else { return true }
            return list.count <= max
        case .created, .replaced: return (try? type.accept(value)) != nil || value.isNull
        }
    }
}
