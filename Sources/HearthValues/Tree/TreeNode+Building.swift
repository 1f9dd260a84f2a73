extension TreeNode {
    /// A tree of full nodes; only the right edge may be short.
    ///
    /// - Complexity: O(n); O(1) when the elements fit one leaf.
    init(_ elements: [Element]) {
        if elements.count <= Self.slotsMax {
            self = .leaf(elements)
            return
        }
        var level = stride(from: 0, to: elements.count, by: Self.slotsMax).map { start in
            TreeNode.leaf(Array(elements[start..<Swift.min(start + Self.slotsMax, elements.count)]))
        }
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: Self.slotsMax).map { start in
                TreeNode(joining: level[start..<Swift.min(start + Self.slotsMax, level.count)])
            }
        }
        self = level[0]
    }

    private init(joining nodes: ArraySlice<TreeNode>) {
        var end = 0
        self = .inner(
            nodes.map { node in
                end += node.count
                return TreeChild(node: node, end: end)
            })
    }
}
