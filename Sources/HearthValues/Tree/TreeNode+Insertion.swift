extension TreeNode {
    /// Appends; gives a new right sibling when every node on the right edge was full.
    mutating func append(_ element: Element) -> TreeNode? {
        switch self {
        case .leaf(var elements):
            if elements.count == Self.slotsMax { return .leaf([element]) }
            self = .leaf([])
            elements.append(element)
            self = .leaf(elements)
            return nil
        case .inner(var children):
            self = .leaf([])
            defer { self = .inner(children) }
            let last = children.count - 1
            guard let right = children[last].node.append(element) else {
                children[last].end += 1
                return nil
            }
            if children.count == Self.slotsMax { return .inner([TreeChild(node: right, end: 1)]) }
            children.append(TreeChild(node: right, end: children[last].end + 1))
            return nil
        }
    }

    /// Appends what goes into the last leaf; gives a node with the rest, when there is some and no room for its leaf.
    ///
    /// - Precondition: there are no more elements than fit a leaf.
    mutating func append(contentsOf elements: UnsafeBufferPointer<Element>) -> TreeNode? {
        switch self {
        case .leaf(var held):
            let fitting = Swift.min(Self.slotsMax - held.count, elements.count)
            if fitting > 0 {
                self = .leaf([])
                // A leaf that is half full will be filled; most lists are short.
                let count = held.count + fitting
                if held.capacity < count { held.reserveCapacity(count > Self.slotsMin ? Self.slotsMax : count) }
                held.append(contentsOf: UnsafeBufferPointer(rebasing: elements[..<fitting]))
                self = .leaf(held)
            }
            if fitting == elements.count { return nil }
            // It will be filled.
            var rest: [Element] = []
            rest.reserveCapacity(Self.slotsMax)
            rest.append(contentsOf: UnsafeBufferPointer(rebasing: elements[fitting...]))
            return .leaf(rest)
        case .inner(var children):
            self = .leaf([])
            defer { self = .inner(children) }
            let last = children.count - 1
            let right = children[last].node.append(contentsOf: elements)
            children[last].end += elements.count - (right?.count ?? 0)
            guard let right else { return nil }
            if children.count == Self.slotsMax { return .inner([TreeChild(node: right, end: right.count)]) }
            children.append(TreeChild(node: right, end: children[last].end + right.count))
            return nil
        }
    }

    /// Inserts; gives the right half when the node had to be split.
    mutating func insert(_ element: Element, at index: Int) -> TreeNode? {
        switch self {
        case .leaf(var elements):
            self = .leaf([])
            elements.insert(element, at: index)
            self = .leaf(elements)
        case .inner(var children):
            self = .leaf([])
            let (slot, start) = children.slot(holding: index)
            let right = children[slot].node.insert(element, at: index - start)
            for later in slot..<children.count { children[later].end += 1 }
            if let right {
                let end = children[slot].end
                children[slot].end = end - right.count
                children.insert(TreeChild(node: right, end: end), at: slot + 1)
            }
            self = .inner(children)
        }
        return slots > Self.slotsMax ? splitOff(from: slots / 2) : nil
    }

    /// Cuts the node before `slot` and gives what was after the cut.
    mutating func splitOff(from slot: Int) -> TreeNode {
        switch self {
        case .leaf(var elements):
            self = .leaf([])
            let right = Array(elements[slot...])
            elements.removeSubrange(slot...)
            self = .leaf(elements)
            return .leaf(right)
        case .inner(var children):
            self = .leaf([])
            let start = children[slot - 1].end
            let right = children[slot...].map { TreeChild(node: $0.node, end: $0.end - start) }
            children.removeSubrange(slot...)
            self = .inner(children)
            return .inner(right)
        }
    }
}
