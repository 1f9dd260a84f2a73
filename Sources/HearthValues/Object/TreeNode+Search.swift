extension TreeNode where Element == ObjectEntry {
    /// Where `key` is, or where it would be inserted.
    ///
    /// - Complexity: O(log n) key comparisons.
    func place(of key: String) -> (index: Int, isFound: Bool) {
        if case .leaf(let entries) = self, entries.count <= Self.scanMax {
            for index in entries.indices where entries[index].key.isSameString(as: key) { return (index, true) }
        }
        return key.withBytes { place(of: $0) }
    }

    /// The value of `key`.
    ///
    /// - Complexity: O(log n) key comparisons.
    func value(of key: String) -> Value? {
        if case .leaf(let entries) = self, entries.count <= Self.scanMax { return Self.scan(entries, for: key) }
        let place = place(of: key)
        return place.isFound ? element(at: place.index).value : nil
    }

    /// 8: so few keys are found faster one after the other, because short strings compare as two words.
    private static var scanMax: Int { 8 }

    /// `==` is true of keys with the same bytes and, rarely, of others; so it picks and the bytes decide.
    private static func scan(_ entries: [ObjectEntry], for key: String) -> Value? {
        for index in entries.indices {
            let other = entries[index].key
            if other.isSameString(as: key) { return entries[index].value }
            if other == key, other.hasSameBytes(as: key) { return entries[index].value }
        }
        return nil
    }

    /// The same by the bytes of the key.
    func place(of key: UnsafeRawBufferPointer) -> (index: Int, isFound: Bool) {
        switch self {
        case .leaf(let entries): return Self.place(of: key, in: entries)
        case .inner(let children):
            var low = 0
            var high = children.count - 1
            while low < high {
                let middle = (low + high + 1) / 2
                if children[middle].node.order(ofFirstTo: key) <= 0 { low = middle } else { high = middle - 1 }
            }
            let inside = children[low].node.place(of: key)
            return (inside.index + (low == 0 ? 0 : children[low - 1].end), inside.isFound)
        }
    }

    private static func place(
        of key: UnsafeRawBufferPointer, in entries: [ObjectEntry]
    ) -> (index: Int, isFound: Bool) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let order = entries[middle].key.withBytes { $0.order(to: key) }
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Inner nodes keep no separators: the first key below is three steps away at most, and a separator would have to
    /// be kept right through every split and join.
    private func order(ofFirstTo key: UnsafeRawBufferPointer) -> Int {
        switch self {
        case .leaf(let entries): entries[0].key.withBytes { $0.order(to: key) }
        case .inner(let children): children[0].node.order(ofFirstTo: key)
        }
    }
}
