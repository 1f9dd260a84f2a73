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
        let known = commonPrefixOfTrees(with: other)
        let rest = zip(self[known..<count], other[known..<other.count])
        return known + rest.prefix { $0 == $1 }.count
    }

    /// How many elements at the start are known to be equal without a look at the tails.
    private func commonPrefixOfTrees(with other: List) -> Int {
        // What is hidden may differ, and where as much is hidden of one as of the other it shifts no node.
        guard hidden == other.hidden else { return 0 }
        return Swift.max(0, tree.commonPrefix(with: other.tree) { $0 == $1 } - Int(hidden))
    }
}
