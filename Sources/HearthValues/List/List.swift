/// A persistent list of values.
///
/// A copy is O(1) and shares everything; a change to a list that is not shared happens in place, a change to a shared
/// one copies O(log n) nodes of at most 32 slots. Short lists are one flat array.
///
/// Elements taken from the front stay in the tree for a while, out of sight: a window that moves along a list, or a queue,
/// leaves its first node alone most of the time.
package struct List: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    var tree: Tree<Value>
    /// How many elements at the front of the tree are not of the list; fewer than ``hiddenMax``.
    var hidden = 0

    private static var hiddenMax: Int { 16 }

    package init() { tree = Tree() }

    /// - Complexity: O(n).
    package init<S: Sequence>(_ elements: S) where S.Element == Value { tree = Tree(Array(elements)) }

    package init(arrayLiteral elements: Value...) { tree = Tree(elements) }

    package var startIndex: Int { 0 }

    /// - Complexity: O(1).
    package var endIndex: Int { tree.count - hidden }

    /// - Complexity: O(1).
    package var count: Int { tree.count - hidden }

    /// - Complexity: O(log n) to read; to change O(log n), in place when the list is not shared.
    package subscript(index: Int) -> Value {
        get {
            precondition(index >= 0 && index < count, "index out of range")
            return tree.element(at: index + hidden)
        }
        set {
            precondition(index >= 0 && index < count, "index out of range")
            tree.update(at: index + hidden) { $0 = newValue }
        }
    }

    /// - Complexity: O(log n), amortised O(1) when the list is not shared.
    package mutating func append(_ value: Value) { tree.append(value) }

    /// - Complexity: O(k log n) for k new values.
    package mutating func append(contentsOf values: [Value]) {
        if isEmpty {
            self = List(values)
        } else {
            for value in values { tree.append(value) }
        }
    }

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
    package mutating func insert(_ value: Value, at index: Int) {
        precondition(index >= 0 && index <= count, "index out of range")
        tree.insert(value, at: index + hidden)
    }

    /// - Parameter index: In `0 ..< count`.
    /// - Complexity: O(log n).
    @discardableResult
    package mutating func remove(at index: Int) -> Value {
        guard index == 0 else {
            precondition(index >= 0 && index < count, "index out of range")
            return tree.remove(at: index + hidden)
        }
        let first = self[0]
        removeFirst(1)
        return first
    }

    /// - Parameter number: In `0 ... count`.
    /// - Complexity: O(k log n) for k elements; amortised O(1) one by one, when the list is not shared.
    package mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= count, "more than there is")
        hidden += number
        if hidden == tree.count {
            self = List()
        } else if hidden >= Self.hiddenMax {
            tree.removeFirst(hidden)
            hidden = 0
        }
    }

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
        return try tree.update(at: index + hidden, body)
    }

    /// Traps unless the structure below is sound. For tests.
    ///
    /// - Complexity: O(n).
    package func _checkInvariants() {
        tree._checkInvariants()
        precondition(hidden >= 0 && hidden < Self.hiddenMax && hidden <= tree.count, "few elements are hidden")
    }

    /// Where the root lies in memory: a change that leaves it where it was happened in place. For tests.
    package var _address: Int { tree.root._address }
}
