extension TreeNode {
    mutating func remove(at index: Int) -> Element {
        switch self {
        case .leaf(var elements):
            self = .leaf([])
            defer { self = .leaf(elements) }
            return elements.remove(at: index)
        case .inner(var children):
            self = .leaf([])
            let (slot, start) = children.slot(holding: index)
            let removed = children[slot].node.remove(at: index - start)
            for later in slot..<children.count { children[later].end -= 1 }
            if children[slot].node.slots < Self.slotsMin { Self.rebalance(&children, at: slot) }
            self = children.isEmpty ? .leaf([]) : .inner(children)
            return removed
        }
    }

    /// Removes up to `number` elements from the first leaf, which are more than none; gives how many they were.
    mutating func removeFirst(_ number: Int) -> Int {
        switch self {
        case .leaf(var elements):
            self = .leaf([])
            let removed = Swift.min(number, elements.count)
            elements.removeFirst(removed)
            self = .leaf(elements)
            return removed
        case .inner(var children):
            self = .leaf([])
            let removed = children[0].node.removeFirst(number)
            for later in children.indices { children[later].end -= removed }
            if children[0].node.slots < Self.slotsMin { Self.rebalance(&children, at: 0) }
            self = children.isEmpty ? .leaf([]) : .inner(children)
            return removed
        }
    }

    /// Drops an empty child, or joins a short one with a neighbour and cuts the two evenly when they are too many for
    /// one node: both halves then hold at least ``slotsMin``. An only child stays short; it is on the right edge.
    private static func rebalance(_ children: inout [TreeChild<Element>], at slot: Int) {
        if children[slot].node.slots == 0 {
            children.remove(at: slot)
            return
        }
        guard children.count > 1 else { return }
        let left = slot == 0 ? 0 : slot - 1
        let right = children.remove(at: left + 1)
        children[left].node.join(right.node)
        children[left].end = right.end
        let slots = children[left].node.slots
        guard slots > slotsMax else { return }
        let cut = children[left].node.splitOff(from: slots / 2)
        children[left].end = right.end - cut.count
        children.insert(TreeChild(node: cut, end: right.end), at: left + 1)
    }

    /// Appends the slots of a node of the same height.
    private mutating func join(_ right: TreeNode) {
        switch (self, right) {
        case (.leaf(var elements), .leaf(let more)):
            self = .leaf([])
            elements.append(contentsOf: more)
            self = .leaf(elements)
        case (.inner(var children), .inner(let more)):
            self = .leaf([])
            let start = children[children.count - 1].end
            children.append(contentsOf: more.lazy.map { TreeChild(node: $0.node, end: $0.end + start) })
            self = .inner(children)
        default: preconditionFailure("siblings have the same height")
        }
    }

    /// Lets an only child take the root's place.
    mutating func collapse() {
        while case .inner(let children) = self, children.count == 1 { self = children[0].node }
    }
}
