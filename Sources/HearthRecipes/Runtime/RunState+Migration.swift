import HearthCells
import HearthTransactions
import HearthValues

/// What `on.migrate`, and lines that a person types, see beyond what other functions see. It has no participant, so cells of which each has one read as
/// all of them by their owners; and what the recipe no longer declares is still there under its old name.
extension RunState {
    /// The node of a root cell where it is another than for a handler; nil: it is the same.
    func rootOfMigration(_ name: String) -> Node? {
        if let place = catalog.place(of: name) {
            let entry = catalog.entries[place]
            guard entry.source == .stored, entry.scope == .session || entry.scope == .user else { return nil }
            return Node(kind: .many, path: Path(cell: name), type: entry.type)
        }
        guard CellID.isName(name) else { return nil }
        // Of an earlier version, or of none: then it reads as absent, for a room may come from any version.
        if !isMigrating, !transaction.state.cells.contains(name), members(of: name).isEmpty { return nil }
        let isFamily = !transaction.state.cells.contains(name) && !members(of: name).isEmpty
        return Node(kind: isFamily ? .many : .stored, path: Path(cell: name), type: .any)
    }

    /// The id of one of many cells of a name.
    ///
    /// - Parameter key: what stands behind the name in the id: a key, and there also `SESSION` or `u:USER`.
    func member(_ key: String, of name: String) -> String {
        let own = "\(name)@\(key)"
        return reachesAll && transaction.state.cells.contains(own) ? own : CellID.made(name, key)
    }

    /// What stands behind the name in the ids of all cells of a name, in order.
    /// - Complexity: O(cells of the room).
    func members(of name: String) -> [String] {
        var members: [String] = []
        for id in transaction.state.cells.keys where id.utf8.count > name.utf8.count && CellID.isNamed(id, name) {
            members.append(String(id.dropFirst(name.count + 1)))
        }
        return members.sorted()
    }
}
