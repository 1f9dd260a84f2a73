internal import Synchronization

/// The last elements of a list, in a buffer that versions of the list share.
///
/// A version shows the slots below its own count. Who holds a version that ends where the buffer does appends in place,
/// however many others hold it too: they do not look so far. A slot is written once.
final class ListTail: @unchecked Sendable {
    // @unchecked because a slot is written by the one who claimed it, before any version that shows it exists.
    let capacity: Int
    private let slots: UnsafeMutablePointer<Value>
    /// How many slots are written, or are being written.
    private let claimed: Atomic<Int>

    /// 32: as much as a leaf of the tree takes.
    static let capacityMax = 32

    /// Begins with the first `count` elements of another.
    init(_ other: ListTail?, count: Int, capacity: Int) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        if let other { slots.initialize(from: other.slots, count: count) }
        claimed = Atomic(count)
    }

    deinit {
        slots.deinitialize(count: claimed.load(ordering: .relaxed))
        slots.deallocate()
    }

    subscript(index: Int) -> Value { slots[index] }

    /// Calls `body` with the elements of a version that shows `count`.
    func withElements(_ count: UInt8, _ body: (UnsafeBufferPointer<Value>) -> Void) {
        body(UnsafeBufferPointer(start: slots, count: Int(count)))
    }

    /// Appends for a version that shows `count` elements.
    ///
    /// - Returns: false, with nothing done, when there is no room or another version went on from there.
    func append(_ value: Value, after count: Int) -> Bool {
        guard count < capacity else { return false }
        // Nothing is read on the strength of the claim: what is written gets to others with the version that shows it.
        guard claimed.compareExchange(expected: count, desired: count + 1, ordering: .relaxed).exchanged else {
            return false
        }
        (slots + count).initialize(to: value)
        return true
    }
}

extension List {
    /// Appends when the tail has no room, or belongs to another version from here on.
    mutating func appendBeyondTail(_ value: Value) {
        var count = Int(tailCount)
        if count == ListTail.capacityMax {
            moveTailIntoTree()
            count = 0
        }
        // From 4: most lists are short.
        let isFull = tail.map { $0.capacity == count } ?? false
        let capacity = isFull ? count * 2 : Swift.max(4, tail?.capacity ?? 0)
        let fresh = ListTail(tail, count: count, capacity: capacity)
        _ = fresh.append(value, after: count)
        tail = fresh
        tailCount = UInt8(count + 1)
    }

    /// Leaves no tail: what changes elements, or takes them out, does so in the tree.
    mutating func moveTailIntoTree() {
        guard let tail else { return }
        tail.withElements(tailCount) { tree.append(contentsOf: $0) }
        self.tail = nil
        tailCount = 0
    }
}
