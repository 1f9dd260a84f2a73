/// A growing buffer of bytes that text is written into.
package struct ByteSink: Sendable {
    package var bytes: [UInt8] = []

    package init() {}

    /// - Parameter capacity: In bytes; a hint.
    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package var count: Int { bytes.count }

    /// - Complexity: amortised O(1).
    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends the bytes of a literal.
    package mutating func append(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            bytes.append(
                contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        } else {
            append(utf8: String(Character(literal.unicodeScalar)))
        }
    }

    /// Appends the UTF-8 bytes of a text as they are.
    package mutating func append(utf8 text: String) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { bytes.append(contentsOf: $0) }
        if isDone == nil { bytes.append(contentsOf: text.utf8) }
    }

    /// Appends bytes as they are.
    package mutating func append(contentsOf more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends bytes as they are.
    package mutating func append(contentsOf more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        if rest < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            while rest > 0 {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start..<20]))
        }
    }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: Int) { appendInt(Int64(value)) }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: UInt64) {
        if let value = Int64(exactly: value) { appendInt(value) } else { append(utf8: String(value)) }
    }

    /// Forgets what was written.
    package mutating func clear(keepingCapacity: Bool = true) { bytes.removeAll(keepingCapacity: keepingCapacity) }
}
