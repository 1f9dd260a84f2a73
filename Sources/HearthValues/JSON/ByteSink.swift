/// A growing buffer of bytes that text is written into.
///
/// It is not copied: everything that leaves the server is written through one of these, and an array's checks for being
/// shared and for its bounds would cost more than the writing.
@usableFromInline
package struct ByteSink: ~Copyable {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline package private(set) var count = 0
    /// Whether the keys of objects are kept.
    let keepsKeys: Bool
    /// These; nil until there is one.
    var keys: WrittenKeys?
    /// Whether what it writes into belongs to somebody else; what does not fit there goes into memory of its own.
    private(set) var isLent: Bool

    /// - Parameter keepsKeys: keeps keys of objects as they were written, for a sink that many objects are written into.
    package init(keepsKeys: Bool = false) {
        self.keepsKeys = keepsKeys
        capacity = 64
        start = .allocate(byteCount: capacity, alignment: 8)
        isLent = false
    }

    /// For much that is written at once; it keeps keys.
    ///
    /// - Precondition: The memory outlives the sink and is not empty.
    init(lent memory: UnsafeMutableRawBufferPointer) {
        keepsKeys = true
        guard let base = memory.baseAddress else { preconditionFailure("memory is lent") }
        capacity = memory.count
        start = base
        isLent = true
    }

    deinit { if !isLent { start.deallocate() } }

    /// A copy of what was written.
    ///
    /// - Complexity: O(n).
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        return bytes
    }

    /// Forgets what was written.
    package mutating func clear(keepingCapacity: Bool = true) {
        count = 0
        if !keepingCapacity { self = ByteSink(keepsKeys: keepsKeys) }
    }

    /// Makes room for `more` bytes and gives the place where they go; ``advance(by:)`` says how many were written there.
    ///
    /// - Complexity: amortised O(1).
    @inlinable @inline(__always)
    mutating func reserve(_ more: Int) -> UnsafeMutableRawPointer {
        if more > capacity - count { grow(more) }
        return start + count
    }

    @inlinable @inline(__always)
    mutating func advance(by written: Int) { count += written }

    @inline(never) @usableFromInline
    mutating func grow(_ more: Int) {
        capacity = Swift.max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        moved.copyMemory(from: start, byteCount: count)
        if !isLent { start.deallocate() }
        start = moved
        isLent = false
    }
}

extension ByteSink {
    /// - Complexity: amortised O(1).
    @inlinable
    package mutating func append(_ byte: UInt8) {
        reserve(1).storeBytes(of: byte, as: UInt8.self)
        advance(by: 1)
    }

    /// Appends the bytes of a literal: where it is written down, its length is known, and no call is made for a few bytes.
    @inlinable @inline(__always)
    package mutating func append(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            let length = literal.utf8CodeUnitCount
            reserve(length).copyMemory(from: literal.utf8Start, byteCount: length)
            advance(by: length)
        } else {
            append(utf8: String(Character(literal.unicodeScalar)))
        }
    }

    /// Appends the UTF-8 bytes of a text as they are.
    @usableFromInline
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
        if value < 0 { append(UInt8(ascii: "-")) }
        appendInt(value.magnitude)
    }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: Int) { appendInt(Int64(value)) }

    /// Appends decimal digits.
    package mutating func appendInt(_ value: UInt64) {
        if value < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
        if value < 100_000_000 { return appendDigits(of: UInt32(truncatingIfNeeded: value)) }
        let (upper, lower) = value.quotientAndRemainder(dividingBy: 100_000_000)
        appendInt(upper)
        reserve(8).storeBytes(of: lower.eightDigits.littleEndian, as: UInt64.self)
        advance(by: 8)
    }

    /// Appends the digits of a number below 10^8, without those zeros that come first.
    private mutating func appendDigits(of value: UInt32) {
        let digits = UInt64(value).eightDigits
        let zeros = (digits & 0x0F0F_0F0F_0F0F_0F0F).trailingZeroBitCount / 8
        reserve(8).storeBytes(of: (digits >> UInt64(zeros * 8)).littleEndian, as: UInt64.self)
        advance(by: 8 - zeros)
    }
}

extension UInt64 {
    /// The eight decimal digits of a number below 10^8 as text, the first of them in the lowest byte.
    ///
    /// All at once: split into two numbers of four digits side by side, these into four of two, these into eight of one, with
    /// multiplications in place of divisions that are exact for so few digits. After "Faster integer to string conversion"
    /// (Mula, Khuong).
    fileprivate var eightDigits: UInt64 {
        let fours = self / 10_000 | (self % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
        let ones = tens | (twos &- tens &* 10) << 8
        return ones | 0x3030_3030_3030_3030
    }
}
