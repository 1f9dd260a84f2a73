extension Tree {
    /// How many elements at the start are the same in both, by `isSame`.
    ///
    /// - Complexity: O(k) for k common elements, less all nodes that the trees share.
    func commonPrefix(with other: Tree, by isSame: (Element, Element) -> Bool) -> Int {
        var common = root.commonPrefix(with: other.root, by: isSame)
        if common.isAligned { return common.length }
        var left = TreeIterator(self, from: common.length)
        var right = TreeIterator(other, from: common.length)
        while let one = left.next(), let two = right.next(), isSame(one, two) { common.length += 1 }
        return common.length
    }
}

extension TreeNode {
    /// Compares as long as the nodes have the same shape; `isAligned` says that `length` is final.
    func commonPrefix(
        with other: TreeNode, by isSame: (Element, Element) -> Bool
    ) -> (length: Int, isAligned: Bool) {
        if isIdentical(to: other) { return (count, false) }
        switch (self, other) {
        case (.leaf(let left), .leaf(let right)):
            let shorter = Swift.min(left.count, right.count)
            for index in 0..<shorter where !isSame(left[index], right[index]) { return (index, true) }
            return (shorter, false)
        case (.inner(let left), .inner(let right)):
            var length = 0
            for slot in 0..<Swift.min(left.count, right.count) {
                let common = left[slot].node.commonPrefix(with: right[slot].node, by: isSame)
                length += common.length
                if common.isAligned { return (length, true) }
                if length != left[slot].end || length != right[slot].end { return (length, false) }
            }
            return (length, false)
        default: return (0, false)
        }
    }
}
