/// Says at the first wrong byte that a text is not UTF-8, however it is cut (RFC 3629).
struct UTF8Check {
    /// Bytes that the character under way still lacks, and what the next of them may be.
    private var missing = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    init() {}

    /// Does the text end between two characters?
    var isWhole: Bool { missing == 0 }

    /// - Returns: false when no text may go on like this; the check is of no use afterwards.
    /// - Complexity: O(bytes); eight bytes at a time while they are ASCII.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 {
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { return true }
            }
            guard take(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lower, byte <= upper else { return false }
            missing -= 1
            (lower, upper) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lower) = (2, 0xA0)  // else too long for its character
        case 0xED: (missing, upper) = (2, 0x9F)  // else a surrogate
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lower) = (3, 0x90)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, upper) = (3, 0x8F)  // else above U+10FFFF
        default: return false
        }
        return true
    }

    /// Is all of this one text?
    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var check = UTF8Check()
        return check.take(bytes) && check.isWhole
    }
}
