extension Object {
    /// Where the root lies in memory: a change that leaves it where it was happened in place. For tests.
    package var _address: Int { tree.root._address }

    /// Traps unless the structure below is sound and the keys rise. For tests.
    ///
    /// - Complexity: O(n).
    package func _checkInvariants() {
        tree._checkInvariants()
        var previous: String?
        for key in keys {
            if let previous { precondition(previous.precedesByBytes(key), "keys rise by their bytes") }
            previous = key
        }
    }
}
