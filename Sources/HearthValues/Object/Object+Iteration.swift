extension Object {
    package typealias Element = (key: String, value: Value)

    /// Walks in the order of the keys, leaf by leaf.
    package struct Iterator: IteratorProtocol, Sendable {
        fileprivate var base: TreeIterator<ObjectEntry>

        package mutating func next() -> Element? { base.next().map { ($0.key, $0.value) } }
    }

    package func makeIterator() -> Iterator { Iterator(base: TreeIterator(tree)) }

    /// Calls `body` with every entry in the order of the keys, each where it lies.
    package func forEachLent(_ body: (borrowing Lent<ObjectEntry>) -> Void) { tree.root.forEachLent(body) }

    package var underestimatedCount: Int { count }

    /// The keys in order of their bytes.
    package var keys: some Sequence<String> { ObjectKeys(base: self) }

    /// The entry at a position in the order of the keys.
    ///
    /// - Parameter position: In `0 ..< count`.
    /// - Complexity: O(log n).
    package func entry(at position: Int) -> Element {
        precondition(position >= 0 && position < count, "position out of range")
        let entry = tree.element(at: position)
        return (entry.key, entry.value)
    }
}

private struct ObjectKeys: Sequence, Sendable {
    let base: Object

    struct Iterator: IteratorProtocol {
        var base: TreeIterator<ObjectEntry>

        mutating func next() -> String? { base.next()?.key }
    }

    func makeIterator() -> Iterator { Iterator(base: TreeIterator(base.tree)) }
}
