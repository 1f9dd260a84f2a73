extension Object: Hashable {
    /// - Complexity: O(n), less the nodes that both share.
    package static func == (left: Object, right: Object) -> Bool {
        left.count == right.count && left.commonPrefix(with: right) == left.count
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for (key, value) in self {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}

extension Object {
    /// How many entries at the start are equal in both objects.
    ///
    /// - Complexity: O(k) for k common entries, less the nodes that both share.
    func commonPrefix(with other: Object) -> Int {
        tree.commonPrefix(with: other.tree) { $0.key.hasSameBytes(as: $1.key) && $0.value == $1.value }
    }
}
