/// An object whose keys are known before its values: the fields of a declared type, which come in any order.
///
/// Values go to the places of their keys: nothing is searched, sorted or copied, and there is one array from the start.
package struct ObjectDraft: Sendable {
    private var entries: [ObjectEntry]
    /// A bit for each place that has its value.
    private var given: UInt64 = 0

    /// 32: as many as one node holds.
    package static let keysMax = TreeNode<ObjectEntry>.slotsMax

    /// - Precondition: the keys rise by their bytes, and are at most ``keysMax``.
    package init(ascending keys: [String]) {
        precondition(keys.count <= Self.keysMax, "few keys")
        entries = keys.map { ObjectEntry(key: $0, value: .null) }
    }

    /// - Parameter place: in the order of the keys.
    package mutating func set(_ value: Value, at place: Int) {
        entries[place].value = value
        given |= 1 << UInt64(place)
    }

    package func hasValue(at place: Int) -> Bool { given & 1 << UInt64(place) != 0 }

    /// The keys that have values.
    ///
    /// - Complexity: O(1) when all have, else O(n).
    package consuming func object() -> Object {
        if given.nonzeroBitCount == entries.count { return Object(sorted: entries) }
        return Object(sorted: entries.indices.filter { hasValue(at: $0) }.map { entries[$0] })
    }
}

extension Object {
    fileprivate init(sorted entries: [ObjectEntry]) { tree = Tree(entries) }
}
