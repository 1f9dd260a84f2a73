extension TreeNode {
    /// Changes one element in place. The nodes are put back also when `body` throws.
    mutating func update<Result, Failure: Error>(
        at index: Int, _ body: (inout Element) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch self {
        case .leaf(var elements):
            self = .leaf([])
            defer { self = .leaf(elements) }
            return try body(&elements[index])
        case .inner(var children):
            self = .leaf([])
            defer { self = .inner(children) }
            let (slot, start) = children.slot(holding: index)
            return try children[slot].node.update(at: index - start, body)
        }
    }
}
