/// A node of a ``Tree``: elements, or children of equal height.
///
/// Every node holds at most ``slotsMax`` slots. Nodes off the right edge hold at least ``slotsMin``; those on it at
/// least one, so that appending leaves full nodes behind. Only an empty root is empty.
enum TreeNode<Element: Sendable>: Sendable {
    case leaf([Element])
    case inner([TreeChild<Element>])

    /// 32: a change to a shared tree of a million copies four arrays of at most this many slots.
    static var slotsMax: Int { 32 }
    static var slotsMin: Int { 16 }

    /// How many elements are below, O(1).
    var count: Int {
        switch self {
        case .leaf(let elements): elements.count
        case .inner(let children): children[children.count - 1].end
        }
    }

    /// How many elements or children the node itself holds.
    var slots: Int {
        switch self {
        case .leaf(let elements): elements.count
        case .inner(let children): children.count
        }
    }

    func element(at index: Int) -> Element {
        switch self {
        case .leaf(let elements): return elements[index]
        case .inner(let children):
            let (slot, start) = children.slot(holding: index)
            return children[slot].node.element(at: index - start)
        }
    }

    /// Whether both nodes are the same memory. False says nothing.
    func isIdentical(to other: TreeNode) -> Bool {
        switch (self, other) {
        case (.leaf(let left), .leaf(let right)):
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { left.baseAddress == $0.baseAddress && left.count == $0.count }
            }
        case (.inner(let left), .inner(let right)):
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { left.baseAddress == $0.baseAddress && left.count == $0.count }
            }
        default: false
        }
    }
}

/// A child with the number of elements in it and in its left siblings.
///
/// Running totals instead of counts: the length of a node is its last total, finding a position is a binary search,
/// and an append touches only the last one.
struct TreeChild<Element: Sendable>: Sendable {
    var node: TreeNode<Element>
    var end: Int
}

extension Array {
    /// The child that holds the element at `index`, and the position of the child's first element.
    func slot<Value>(holding index: Int) -> (slot: Int, start: Int) where Element == TreeChild<Value> {
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if self[middle].end > index { high = middle } else { low = middle + 1 }
        }
        return (low, low == 0 ? 0 : self[low - 1].end)
    }
}
