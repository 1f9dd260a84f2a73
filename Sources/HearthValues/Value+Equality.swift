// `String` compares by canonical equivalence, so "é" may equal "é" though the bytes differ. Values that compare
// equal must write the same bytes, or a replayed log would not give the same digest; hence bytes everywhere.

extension Value: Hashable {
    /// - Complexity: O(size) of the smaller value; shared parts of lists and objects are skipped.
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.list(let left), .list(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.link(let left), .link(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value):
            hasher.combine(1 as UInt8)
            hasher.combine(value)
        case .int(let value):
            hasher.combine(2 as UInt8)
            hasher.combine(value)
        case .double(let value):
            hasher.combine(3 as UInt8)
            hasher.combine(value.bitPattern)
        case .string(let value):
            hasher.combine(4 as UInt8)
            hasher.combine(value)
        case .list(let value):
            hasher.combine(5 as UInt8)
            hasher.combine(value)
        case .object(let value):
            hasher.combine(6 as UInt8)
            hasher.combine(value)
        case .link(let value):
            hasher.combine(7 as UInt8)
            hasher.combine(value)
        }
    }

    /// Equality as RFC 6902 section 4.6 asks of `test`: as `==`, but numbers are compared by value, so `1` equals
    /// `1.0`.
    ///
    /// - Complexity: O(size) of the smaller value.
    package func isEquivalent(to other: Value) -> Bool {
        switch (self, other) {
        case (.int(let left), .double(let right)): Int64(whole: right) == left
        case (.double(let left), .int(let right)): Int64(whole: left) == right
        case (.double(let left), .double(let right)): left == right
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy {
                    $0.key.hasSameBytes(as: $1.key) && $0.value.isEquivalent(to: $1.value)
                }
        default: self == other
        }
    }
}
