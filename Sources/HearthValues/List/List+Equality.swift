extension List: Hashable {
    /// - Complexity: O(n), less the nodes that both share.
    package static func == (left: List, right: List) -> Bool {
        left.count == right.count && left.commonPrefix(with: right) == left.count
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for value in self { hasher.combine(value) }
    }

    /// How many elements at the start are equal in both lists.
    ///
    /// - Complexity: O(k) for k common elements, less the nodes that both share.
    package func commonPrefix(with other: List) -> Int {
        if hidden == other.hidden {
            let common = tree.commonPrefix(with: other.tree) { $0 == $1 }
            if common >= hidden { return common - hidden }
        }
        // What is hidden may differ, and shifts the nodes: only the elements count.
        return zip(self, other).prefix { $0 == $1 }.count
    }
}
