extension TreeNode {
    /// Calls `body` with every element in order, each where it lies: for writing, which visits everything.
    func forEachLent(_ body: (borrowing Lent<Element>) -> Void) { forEachLeaf { $0.forEachLent(body) } }

    /// Calls `body` with the elements of every leaf in order.
    func forEachLeaf(_ body: (UnsafeBufferPointer<Element>) -> Void) {
        switch self {
        case .leaf(let elements): elements.withUnsafeBufferPointer(body)
        case .inner(let children): for index in children.indices { children[index].node.forEachLeaf(body) }
        }
    }
}

/// Walks a tree leaf by leaf; within a leaf a step is an array access.
struct TreeIterator<Element: Sendable>: IteratorProtocol, Sendable {
    private var leaf: [Element]
    private var position: Int
    /// The inner nodes above `leaf`, outermost first, each with the slot to visit next.
    private var pending: [(children: [TreeChild<Element>], next: Int)] = []

    /// Starts at `index`, which may be `count`.
    ///
    /// - Complexity: O(log n); then O(1) amortised per element.
    init(_ tree: Tree<Element>, from index: Int = 0) {
        var node = tree.root
        position = index
        if index >= tree.count {
            leaf = []
            position = 0
            return
        }
        while case .inner(let children) = node {
            let (slot, start) = children.slot(holding: position)
            pending.append((children, slot + 1))
            position -= start
            node = children[slot].node
        }
        if case .leaf(let elements) = node { leaf = elements } else { leaf = [] }
    }

    mutating func next() -> Element? {
        if position == leaf.count && !advance() { return nil }
        defer { position += 1 }
        return leaf[position]
    }

    /// Moves to the first element of the next leaf.
    private mutating func advance() -> Bool {
        while let top = pending.last, top.next == top.children.count { pending.removeLast() }
        guard var (children, next) = pending.popLast() else { return false }
        pending.append((children, next + 1))
        while case .inner(let inner) = children[next].node {
            pending.append((inner, 1))
            (children, next) = (inner, 0)
        }
        guard case .leaf(let elements) = children[next].node else { return false }
        leaf = elements
        position = 0
        return true
    }
}
