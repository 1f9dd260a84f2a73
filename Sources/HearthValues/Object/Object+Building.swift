extension Object {
    /// A key given twice keeps its last value.
    ///
    /// - Complexity: O(n) when the keys come sorted, else O(n log n).
    init(entries: [ObjectEntry]) {
        var isSorted = true
        for index in entries.indices.dropFirst()
        where entries[index - 1].key.order(to: entries[index].key) >= 0 {
            isSorted = false
            break
        }
        tree = Tree(isSorted ? entries : Self.sortedKeepingLast(entries))
    }

    private static func sortedKeepingLast(_ entries: [ObjectEntry]) -> [ObjectEntry] {
        // The standard sort is stable in practice but does not promise it, so positions break ties.
        let order = entries.indices.sorted { left, right in
            let order = entries[left].key.order(to: entries[right].key)
            return order == 0 ? left < right : order < 0
        }
        var sorted: [ObjectEntry] = []
        sorted.reserveCapacity(entries.count)
        for index in order {
            if let last = sorted.last, last.key.hasSameBytes(as: entries[index].key) { sorted.removeLast() }
            sorted.append(entries[index])
        }
        return sorted
    }
}
