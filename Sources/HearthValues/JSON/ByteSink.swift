/// A growing buffer of bytes that text is written into.
///
/// It owns its memory and is not copied: everything that leaves the server is written through one of these, and an array's
/// checks for being shared and for its bounds would cost more than the writing.
package struct ByteSink: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    package private(set) var count = 0

    package init() { self.init(capacity: 64) }

    /// - Parameter capacity: In bytes; a hint.
    package init(capacity: Int) {
        self.capacity = Swift.max(capacity, 16)
        start = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit { start.deallocate() }

    /// A copy of what was written.
    ///
    /// - Complexity: O(n).
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let target = buffer.baseAddress {
                UnsafeMutableRawPointer(target).copyMemory(from: start, byteCount: count)
            }
            initialized = count
        }
    }

    /// Forgets what was written.
    package mutating func clear(keepingCapacity: Bool = true) {
        count = 0
        if !keepingCapacity { self = ByteSink() }
    }

    /// Makes room for `more` bytes and gives the place where they go; ``advance(by:)`` says how many were written there.
    ///
    /// - Complexity: amortised O(1).
    @inline(__always)
    mutating func reserve(_ more: Int) -> UnsafeMutableRawPointer {
        if more > capacity - count { grow(more) }
        return start + count
    }

    @inline(__always)
    mutating func advance(by written: Int) { count += written }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = Swift.max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        moved.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = moved
    }
}

extension ByteSink {
    /// - Complexity: amortised O(1).
    package mutating func append(_ byte: UInt8) {
        reserve(1).storeBytes(of: byte, as: UInt8.self)
        advance(by: 1)
    }

    /// Appends the bytes of a literal.
    package mutating func append(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            append(contentsOf: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        } else {
            append(utf8: String(Character(literal.unicodeScalar)))
        }
    }

    /// Appends the UTF-8 bytes of a text as they are.
    package mutating func append(utf8 text: String) { text.withBytes { append(contentsOf: $0) } }

    /// Appends bytes as they are.
    package mutating func append(contentsOf more: [UInt8]) { more.withUnsafeBytes { append(contentsOf: $0) } }

    /// Appends bytes as they are.
    package mutating func append(contentsOf more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress else { return }
        reserve(more.count).copyMemory(from: source, byteCount: more.count)
        advance(by: more.count)
    }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: Int64) {
        let sign = value < 0 ? 1 : 0
        var rest = value.magnitude
        let length = sign + rest.digitCount
        let place = reserve(length)
        if sign == 1 { place.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
        var offset = length
        while offset - sign >= 2 {
            offset -= 2
            let pair = UInt16(truncatingIfNeeded: rest % 100)
            rest /= 100
            // Tens in the lower byte, so that they come first in memory.
            let digits = (pair % 10) << 8 | pair / 10 | 0x3030
            place.storeBytes(of: digits.littleEndian, toByteOffset: offset, as: UInt16.self)
        }
        if offset > sign {
            place.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest), toByteOffset: sign, as: UInt8.self)
        }
        advance(by: length)
    }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: Int) { appendInt(Int64(value)) }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: UInt64) {
        if let value = Int64(exactly: value) { appendInt(value) } else { append(utf8: String(value)) }
    }
}

extension UInt64 {
    /// How many decimal digits it has.
    fileprivate var digitCount: Int {
        var rest = self
        var count = 1
        while rest >= 10_000 {
            rest /= 10_000
            count += 4
        }
        return count + (rest >= 1_000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
    }
}
