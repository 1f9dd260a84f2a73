/// A persistent list of values.
///
/// A copy is O(1) and shares everything. Appending writes behind what the copies show, so it copies nothing either; any
/// other change to a list that is not shared happens in place, to a shared one it copies O(log n) nodes of at most 32
/// slots. Short lists are one flat array.
///
/// Elements taken from the front stay in the tree for a while, out of sight: a window that moves along a list, or a queue,
/// leaves its first node alone most of the time.
package struct List: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    /// All elements but those in the tail.
    var tree: Tree<Value>
    /// What was appended lately; nil for nothing.
    var tail: ListTail?
    /// How many elements of the tail are of this list.
    var tailCount: UInt8 = 0
    /// How many elements at the front of the tree are not of the list; fewer than ``hiddenMax``.
    private(set) var hidden: UInt8 = 0

    private static var hiddenMax: Int { 16 }

    package init() { tree = Tree() }

    /// - Complexity: O(n).
    package init<S: Sequence>(_ elements: S) where S.Element == Value { tree = Tree(Array(elements)) }

    package init(arrayLiteral elements: Value...) { tree = Tree(elements) }

    package var startIndex: Int { 0 }

    /// - Complexity: O(1).
    package var endIndex: Int { count }

    /// - Complexity: O(1).
    package var count: Int { tree.count + Int(tailCount) - Int(hidden) }

    /// - Complexity: O(log n) to read; to change O(log n), in place when the list is not shared.
    package subscript(index: Int) -> Value {
        get {
            precondition(index >= 0 && index < count, "index out of range")
            let place = index + Int(hidden)
            let inTree = tree.count
            if place >= inTree, let tail { return tail[place - inTree] }
            return tree.element(at: place)
        }
        set {
            precondition(index >= 0 && index < count, "index out of range")
            moveTailIntoTree()
            tree.update(at: index + Int(hidden)) { $0 = newValue }
        }
    }

    /// - Complexity: O(log n) amortised over 32 calls, whether the list is shared or not.
    package mutating func append(_ value: Value) {
        if let tail, tail.append(value, after: Int(tailCount)) {
            tailCount += 1
        } else {
            appendBeyondTail(value)
        }
    }

    /// - Complexity: O(k log n) for k new values.
    package mutating func append(contentsOf values: [Value]) {
        if isEmpty {
            self = List(values)
        } else {
            for value in values { append(value) }
        }
    }

    /// - Complexity: O(k log n) for k new values.
    package mutating func append<S: Sequence>(contentsOf values: S) where S.Element == Value {
        append(contentsOf: Array(values))
    }

    /// - Parameter index: In `0 ... count`; `count` appends.
    /// - Complexity: O(log n).
    package mutating func insert(_ value: Value, at index: Int) {
        precondition(index >= 0 && index <= count, "index out of range")
        if index == count { return append(value) }
        moveTailIntoTree()
        tree.insert(value, at: index + Int(hidden))
    }

    /// - Parameter index: In `0 ..< count`.
    /// - Complexity: O(log n).
    @discardableResult
    package mutating func remove(at index: Int) -> Value {
        precondition(index >= 0 && index < count, "index out of range")
        if index == 0 {
            let first = self[0]
            removeFirst(1)
            return first
        }
        moveTailIntoTree()
        return tree.remove(at: index + Int(hidden))
    }

    /// - Parameter number: In `0 ... count`.
    /// - Complexity: O(k log n) for k elements; amortised O(1) one by one, when the list is not shared.
    package mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= count, "more than there is")
        let gone = Int(hidden) + number
        if number == count {
            self = List()
        } else if gone < Self.hiddenMax, gone <= tree.count {
            hidden = UInt8(gone)
        } else {
            if gone > tree.count { moveTailIntoTree() }
            tree.removeFirst(gone)
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
        moveTailIntoTree()
        return try tree.update(at: index + Int(hidden), body)
    }

    /// Traps unless the structure below is sound. For tests.
    ///
    /// - Complexity: O(n).
    package func _checkInvariants() {
        tree._checkInvariants()
        precondition(hidden < Self.hiddenMax && hidden <= tree.count, "few elements are hidden, all in the tree")
        precondition(tailCount <= tail?.capacity ?? 0, "the tail has all that is said to be in it")
    }

    /// Where the root lies in memory: a change that leaves it where it was happened in place. For tests.
    package var _address: Int { tree.root._address }
}
