extension List {
    /// Walks leaf by leaf; a step is an array access.
    package struct Iterator: IteratorProtocol, Sendable {
        private var tree: TreeIterator<Value>
        /// How many elements come from the tree.
        private var inTree: Int
        private let tail: ListTail?
        /// The elements of the tail that are left.
        private var rest: Range<Int>

        init(_ list: List, _ range: Range<Int>) {
            let edge = list.tree.count - Int(list.hidden)
            let end = Swift.min(range.upperBound, edge)
            tree = TreeIterator(list.tree, from: Swift.min(range.lowerBound, edge) + Int(list.hidden))
            inTree = Swift.max(0, end - range.lowerBound)
            tail = list.tail
            let start = Swift.max(0, range.lowerBound - edge)
            rest = start..<Swift.max(start, range.upperBound - edge)
        }

        package mutating func next() -> Value? {
            if inTree > 0 {
                inTree -= 1
                return tree.next()
            }
            return rest.popFirst().flatMap { tail?[$0] }
        }
    }

    package func makeIterator() -> Iterator { Iterator(self, 0..<count) }

    /// Calls `body` with every element in order, each where it lies.
    package func forEachLent(_ body: (borrowing Lent<Value>) -> Void) { forEachChunk { $0.forEachLent(body) } }

    /// Calls `body` with the elements in order, as many at a time as lie side by side.
    func forEachChunk(_ body: (UnsafeBufferPointer<Value>) -> Void) {
        var ahead = Int(hidden)
        tree.root.forEachLeaf { leaf in
            if ahead < leaf.count { body(UnsafeBufferPointer(rebasing: leaf[ahead...])) }
            ahead = Swift.max(0, ahead - leaf.count)
        }
        tail?.withElements(tailCount, body)
    }

    /// - Complexity: O(1); iterating a slice costs O(log n) once, then O(1) per element.
    package subscript(range: Range<Int>) -> ListSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of bounds")
        return ListSlice(base: self, bounds: range)
    }
}

/// A part of a ``List``, with the list's own indices.
package struct ListSlice: Sendable, RandomAccessCollection {
    let base: List
    let bounds: Range<Int>

    package var startIndex: Int { bounds.lowerBound }
    package var endIndex: Int { bounds.upperBound }

    /// - Complexity: O(log n).
    package subscript(index: Int) -> Value {
        precondition(bounds.contains(index), "index out of range")
        return base[index]
    }

    package subscript(range: Range<Int>) -> ListSlice {
        precondition(range.lowerBound >= startIndex && range.upperBound <= endIndex, "range out of bounds")
        return ListSlice(base: base, bounds: range)
    }

    package func makeIterator() -> List.Iterator { List.Iterator(base, bounds) }
}
