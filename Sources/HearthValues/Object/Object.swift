/// A persistent map from strings to values, ordered by the UTF-8 bytes of the keys: the same content always comes in
/// the same order, and so in the same bytes.
///
/// Keys are the same only when their bytes are. A copy is O(1) and shares everything; a change to an object that is not
/// shared happens in place, a change to a shared one copies O(log n) nodes. Small objects are one flat sorted array.
package struct Object: Sendable, Sequence, ExpressibleByDictionaryLiteral {
    var tree: Tree<ObjectEntry>

    package init() { tree = Tree() }

    /// A key given twice keeps its last value.
    package init(dictionaryLiteral elements: (String, Value)...) {
        self.init(entries: elements.map { ObjectEntry(key: $0.0, value: $0.1) })
    }

    /// A key given twice keeps its last value.
    ///
    /// - Complexity: O(n) when the keys come sorted, else O(n log n).
    package init<S: Sequence>(_ elements: S) where S.Element == (key: String, value: Value) {
        self.init(entries: elements.map { ObjectEntry(key: $0.key, value: $0.value) })
    }

    /// As for any sequence; an array's elements are moved without generic code that other modules cannot specialise.
    package init(_ elements: [(key: String, value: Value)]) {
        var entries: [ObjectEntry] = []
        entries.reserveCapacity(elements.count)
        for element in elements { entries.append(ObjectEntry(key: element.key, value: element.value)) }
        self.init(entries: entries)
    }

    /// - Complexity: O(1).
    package var count: Int { tree.count }

    /// - Complexity: O(1).
    package var isEmpty: Bool { tree.count == 0 }

    /// The value of `key`; setting nil removes it, and removing what is not there changes nothing.
    ///
    /// - Complexity: O(log n) key comparisons.
    package subscript(key: String) -> Value? {
        get { tree.root.value(of: key) }
        set { set(newValue, for: key) }
    }

    /// - Complexity: O(log n) key comparisons.
    package func contains(_ key: String) -> Bool { tree.root.place(of: key).isFound }

    /// Sets the value of `key` and gives what it held.
    ///
    /// - Complexity: O(log n) key comparisons.
    @discardableResult
    package mutating func updateValue(_ value: Value, forKey key: String) -> Value? {
        let place = tree.root.place(of: key)
        guard place.isFound else {
            tree.insert(ObjectEntry(key: key, value: value), at: place.index)
            return nil
        }
        return tree.update(at: place.index) { entry in
            let old = entry.value
            entry.value = value
            return old
        }
    }

    /// Removes `key` and gives what it held.
    ///
    /// - Complexity: O(log n) key comparisons.
    @discardableResult
    package mutating func removeValue(forKey key: String) -> Value? {
        let place = tree.root.place(of: key)
        return place.isFound ? tree.remove(at: place.index).value : nil
    }

    /// Changes what `key` holds in place, so that a list or an object in it is not copied while nothing else refers to
    /// it. `body` gets nil when the key is absent and may leave nil to remove it.
    ///
    /// When `body` throws, the key holds what `body` left.
    ///
    /// - Complexity: O(log n) key comparisons beside `body`.
    package mutating func withValue<Result, Failure: Error>(
        forKey key: String, _ body: (inout Value?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let place = tree.root.place(of: key)
        var slot: Value?
        if place.isFound {
            tree.update(at: place.index) { entry in
                slot = entry.value
                entry.value = .null
            }
        }
        defer {
            if let value = slot.take() {
                if place.isFound {
                    tree.update(at: place.index) { $0.value = value }
                } else {
                    tree.insert(ObjectEntry(key: key, value: value), at: place.index)
                }
            } else if place.isFound {
                tree.remove(at: place.index)
            }
        }
        return try body(&slot)
    }

    private mutating func set(_ value: Value?, for key: String) {
        let place = tree.root.place(of: key)
        switch (value, place.isFound) {
        case (let value?, true): tree.update(at: place.index) { $0.value = value }
        case (let value?, false): tree.insert(ObjectEntry(key: key, value: value), at: place.index)
        case (nil, true): tree.remove(at: place.index)
        case (nil, false): break
        }
    }
}
