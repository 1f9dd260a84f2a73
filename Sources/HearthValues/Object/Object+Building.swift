extension Object {
    /// A key given twice keeps its last value.
    ///
    /// - Complexity: O(n) when the keys come sorted, else O(n log n).
    init(entries: [ObjectEntry]) {
        var entries = entries
        if entries.count <= Self.insertionMax {
            Self.sortByInsertion(&entries)
        } else if !Self.isSorted(entries) {
            entries = Self.sortedKeepingLast(entries)
        }
        tree = Tree(entries)
    }

    /// 16: messages have fewer fields than that, and so few are sorted fastest where they are.
    private static var insertionMax: Int { 16 }

    private static func sortByInsertion(_ entries: inout [ObjectEntry]) {
        var sorted = Swift.min(1, entries.count)
        while sorted < entries.count {
            var place = sorted
            var order = -1
            while place > 0 {
                order = entries[place - 1].key.order(to: entries[sorted].key)
                if order <= 0 { break }
                place -= 1
            }
            if place > 0 && order == 0 {
                entries[place - 1].value = entries[sorted].value
                entries.remove(at: sorted)
                continue
            }
            if place < sorted { entries.insert(entries.remove(at: sorted), at: place) }
            sorted += 1
        }
    }

    private static func isSorted(_ entries: [ObjectEntry]) -> Bool {
        entries.indices.dropFirst().allSatisfy { entries[$0 - 1].key.order(to: entries[$0].key) < 0 }
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
