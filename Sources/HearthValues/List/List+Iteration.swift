extension List {
    /// Walks leaf by leaf; a step is an array access.
    package struct Iterator: IteratorProtocol, Sendable {
        private var base: TreeIterator<Value>
        private var remaining: Int

        init(_ list: List, _ range: Range<Int>) {
            base = TreeIterator(list.tree, from: range.lowerBound + list.hidden)
            remaining = range.count
        }

        package mutating func next() -> Value? {
            if remaining == 0 { return nil }
            remaining -= 1
            return base.next()
        }
    }

    package func makeIterator() -> Iterator { Iterator(self, 0..<count) }

    /// Calls `body` with every element in order, without an iterator's copies.
    func forEachInPlace(_ body: (Value) -> Void) {
        var ahead = hidden
        tree.root.forEach { value in
            if ahead == 0 { body(value) } else { ahead -= 1 }
        }
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
