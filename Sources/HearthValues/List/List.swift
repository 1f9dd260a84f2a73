/// A persistent list of values.
///
/// A copy is O(1) and shares everything; a change to a list that is not shared happens in place, a change to a shared
/// one copies O(log n) nodes of at most 32 slots. Short lists are one flat array.
package struct List: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    var tree: Tree<Value>

    package init() { tree = Tree() }

    /// - Complexity: O(n).
    package init<S: Sequence>(_ elements: S) where S.Element == Value { tree = Tree(Array(elements)) }

    package init(arrayLiteral elements: Value...) { tree = Tree(elements) }

    package var startIndex: Int { 0 }

    /// - Complexity: O(1).
    package var endIndex: Int { tree.count }

    /// - Complexity: O(1).
    package var count: Int { tree.count }

    /// - Complexity: O(log n) to read; to change O(log n), in place when the list is not shared.
    package subscript(index: Int) -> Value {
        get {
            precondition(index >= 0 && index < count, "index out of range")
            return tree.element(at: index)
        }
        set {
            precondition(index >= 0 && index < count, "index out of range")
            tree.update(at: index) { $0 = newValue }
        }
    }

    /// - Complexity: O(log n), amortised O(1) when the list is not shared.
    package mutating func append(_ value: Value) { tree.append(value) }

    /// - Complexity: O(k log n) for k new values.
    package mutating func append<S: Sequence>(contentsOf values: S) where S.Element == Value {
        if isEmpty {
            self = List(values)
        } else {
            for value in values { tree.append(value) }
        }
    }

    /// - Parameter index: In `0 ... count`; `count` appends.
    /// - Complexity: O(log n).
    package mutating func insert(_ value: Value, at index: Int) { tree.insert(value, at: index) }

    /// - Parameter index: In `0 ..< count`.
    /// - Complexity: O(log n).
    @discardableResult
    package mutating func remove(at index: Int) -> Value { tree.remove(at: index) }

    /// Changes one element in place, so that what it holds is not copied while nothing else refers to it.
    ///
    /// When `body` throws, the element stays as `body` left it.
    ///
    /// - Parameter index: In `0 ..< count`.
    /// - Complexity: O(log n) beside `body`.
    package mutating func withElement<Result, Failure: Error>(
        at index: Int, _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(index >= 0 && index < count, "index out of range")
        return try tree.update(at: index, body)
    }

    /// Traps unless the structure below is sound. For tests.
    ///
    /// - Complexity: O(n).
    package func _checkInvariants() { tree._checkInvariants() }

    /// Where the root lies in memory: a change that leaves it where it was happened in place. For tests.
    package var _address: Int { tree.root._address }
}
