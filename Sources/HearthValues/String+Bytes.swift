extension String {
    /// Up to so many bytes a text is where the string is, in its two words; a longer one lies elsewhere.
    static var bytesInPlaceMax: Int { 15 }

    /// Whether both strings have the same UTF-8 bytes. Stricter than `==`, which is canonical equivalence.
    ///
    /// - Complexity: O(n).
    package func hasSameBytes(as other: String) -> Bool {
        if isSameString(as: other) { return true }
        guard utf8.count == other.utf8.count else { return false }
        return withBytes { left in other.withBytes { right in left.order(to: right) == 0 } }
    }

    /// Whether both are the same short string, or the same memory. False says nothing; true is what most comparisons of
    /// names come to, and two words tell.
    @inlinable @inline(__always)
    package func isSameString(as other: String) -> Bool {
        unsafeBitCast(self, to: (UInt64, UInt64).self) == unsafeBitCast(other, to: (UInt64, UInt64).self)
    }

    /// Whether this string sorts before `other` by UTF-8 bytes, the order in which objects keep their keys.
    ///
    /// - Complexity: O(n).
    package func precedesByBytes(_ other: String) -> Bool { order(to: other) < 0 }

    /// Negative, zero or positive as this string sorts before, with or after `other` by UTF-8 bytes.
    func order(to other: String) -> Int {
        withBytes { left in other.withBytes { right in left.order(to: right) } }
    }

    /// Calls `body` with the UTF-8 bytes. Native strings are not copied.
    @inlinable @inline(__always)
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        return copiedBytes().withUnsafeBytes(body)
    }

    /// Apart from where it is used: there it would keep the string for itself, which costs more than most of what is done
    /// with the bytes.
    @inline(never) @usableFromInline
    func copiedBytes() -> [UInt8] { Array(utf8) }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the UTF-8 bytes of a text.
    @inlinable @inline(__always)
    package func isSame(as text: String) -> Bool { text.utf8.count == count && hasBytes(of: text) }

    @inline(never) @usableFromInline
    func hasBytes(of text: String) -> Bool { text.withBytes { isEqual(to: $0) } }

    /// - Precondition: there are as many of either.
    @inline(__always)
    private func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        if count >= 8 {
            for offset in stride(from: 0, through: count - 8, by: 8) where !hasSame(UInt64.self, as: other, at: offset)
            {
                return false
            }
            return hasSame(UInt64.self, as: other, at: count - 8)
        }
        if count >= 4 {
            return hasSame(UInt32.self, as: other, at: 0) && hasSame(UInt32.self, as: other, at: count - 4)
        }
        for offset in 0..<count where self[offset] != other[offset] { return false }
        return true
    }

    @inline(__always)
    private func hasSame<Word: BitwiseCopyable & Equatable>(
        _: Word.Type, as other: UnsafeRawBufferPointer, at offset: Int
    ) -> Bool {
        loadUnaligned(fromByteOffset: offset, as: Word.self)
            == other.loadUnaligned(fromByteOffset: offset, as: Word.self)
    }

    /// `memcmp` order, then the shorter first; eight bytes a step.
    func order(to other: UnsafeRawBufferPointer) -> Int {
        let common = Swift.min(count, other.count)
        var offset = 0
        while offset + 8 <= common {
            let left = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let right = other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if left != right { return UInt64(bigEndian: left) < UInt64(bigEndian: right) ? -1 : 1 }
            offset += 8
        }
        while offset < common {
            if self[offset] != other[offset] { return self[offset] < other[offset] ? -1 : 1 }
            offset += 1
        }
        return count - other.count
    }
}
