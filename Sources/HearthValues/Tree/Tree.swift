/// A sequence of elements addressed by position: the persistent B+-tree below ``List`` and ``Object``.
///
/// Nodes are plain arrays, so copy-on-write comes from `Array`: a copy of the tree is one retain, a change to a shared
/// tree copies the nodes on one path, a change to a unique tree happens in place. Up to ``TreeNode/slotsMax`` elements
/// are one flat array.
///
/// Every function that changes a node takes the array out of the node first and puts it back last; an array that is
/// still referenced from its node would not be unique and each change would copy it.
struct Tree<Element: Sendable>: Sendable {
    var root: TreeNode<Element>

    init() { root = .leaf([]) }

    /// - Complexity: O(n); O(1) when the elements fit one leaf.
    init(_ elements: [Element]) { root = TreeNode(elements) }

    /// - Complexity: O(1).
    var count: Int { root.count }

    /// - Precondition: `index` is in `0 ..< count`.
    /// - Complexity: O(log n).
    func element(at index: Int) -> Element { root.element(at: index) }

    /// Appends at the end; leaves stay full behind it.
    ///
    /// - Complexity: O(log n), O(1) of it copying when the tree is unique.
    mutating func append(_ element: Element) {
        if let right = root.append(element) { grow(right) }
    }

    /// Appends as many as fit a leaf, or fewer.
    ///
    /// - Complexity: O(k + log n) for k elements, and O(log n) of it copying when the tree is unique.
    mutating func append(contentsOf elements: UnsafeBufferPointer<Element>) {
        if elements.isEmpty { return }
        if let right = root.append(contentsOf: elements) { grow(right) }
    }

    /// - Precondition: `index` is in `0 ... count`.
    /// - Complexity: O(log n).
    mutating func insert(_ element: Element, at index: Int) {
        precondition(index >= 0 && index <= count, "index out of range")
        if index == count { return append(element) }
        if let right = root.insert(element, at: index) { grow(right) }
    }

    /// - Precondition: `index` is in `0 ..< count`.
    /// - Complexity: O(log n).
    @discardableResult
    mutating func remove(at index: Int) -> Element {
        precondition(index >= 0 && index < count, "index out of range")
        let removed = root.remove(at: index)
        root.collapse()
        return removed
    }

    /// - Precondition: `number` is in `0 ... count`.
    /// - Complexity: O(log n) for each leaf that goes or is cut.
    mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= count, "more than there is")
        var left = number
        while left > 0 {
            left -= root.removeFirst(left)
            root.collapse()
        }
    }

    /// Changes one element in place; when `body` throws, the element stays as `body` left it.
    ///
    /// - Precondition: `index` is in `0 ..< count`.
    /// - Complexity: O(log n) beside `body`.
    mutating func update<Result, Failure: Error>(
        at index: Int, _ body: (inout Element) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try root.update(at: index, body)
    }

    private mutating func grow(_ right: TreeNode<Element>) {
        let left = root
        root = .inner([
            TreeChild(node: left, end: left.count), TreeChild(node: right, end: left.count + right.count),
        ])
    }
}
