extension Tree {
    /// Traps unless the structure is sound: heights, slot counts, running totals.
    ///
    /// - Complexity: O(n).
    func _checkInvariants() {
        if case .inner(let children) = root {
            precondition(children.count > 1, "an inner root has two children or more")
        }
        _ = root._checkInvariants(isRoot: true, isRightEdge: true)
    }
}

extension TreeNode {
    /// Where the node's array lies in memory.
    var _address: Int {
        switch self {
        case .leaf(let elements): elements.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
        case .inner(let children): children.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
        }
    }

    /// Gives the height.
    fileprivate func _checkInvariants(isRoot: Bool, isRightEdge: Bool) -> Int {
        precondition(slots <= Self.slotsMax, "a node holds at most slotsMax")
        precondition(isRoot || slots >= (isRightEdge ? 1 : Self.slotsMin), "a node off the right edge is half full")
        guard case .inner(let children) = self else { return 0 }
        precondition(!children.isEmpty, "an inner node has children")
        var end = 0
        var heights: Set<Int> = []
        for (slot, child) in children.enumerated() {
            end += child.node.count
            precondition(child.end == end, "running totals match")
            let isLast = slot == children.count - 1
            heights.insert(child.node._checkInvariants(isRoot: false, isRightEdge: isRightEdge && isLast))
        }
        precondition(heights.count == 1, "siblings have the same height")
        return heights.reduce(1, +)
    }
}
