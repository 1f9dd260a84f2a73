extension JSONParser {
    /// The string whose opening quote stands at `offset`.
    mutating func string() throws(JSONError) -> String {
        let start = offset + 1
        let end = endOfPlainRun(from: start)
        guard end < bytes.count else { throw unterminated() }
        if bytes[end] == UInt8(ascii: "\"") {
            offset = end + 1
            // The run is ASCII, so decoding cannot repair anything.
            return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        }
        return try stringBytewise(from: start, plainUntil: end)
    }

    /// The first byte from `start` on that is not printable ASCII, or is a quote or a backslash; eight bytes a step.
    private func endOfPlainRun(from start: Int) -> Int {
        var offset = start
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if word.hasSpecialByte { break }
            offset += 8
        }
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x22, 0x5C, 0...0x1F, 0x80...0xFF: return offset
            default: offset += 1
            }
        }
        return offset
    }

    /// Strings with escapes or beyond ASCII: copied run by run, then checked as a whole.
    private mutating func stringBytewise(from start: Int, plainUntil end: Int) throws(JSONError) -> String {
        let opening = offset
        var decoded: [UInt8] = []
        var runStart = start
        offset = end
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let isWhole = runStart == start
                let rest = UnsafeRawBufferPointer(rebasing: bytes[runStart..<offset])
                offset += 1
                if isWhole { return try validated(rest, opening) }
                decoded.append(contentsOf: rest)
                return try decoded.withValidated(or: error(.invalidUTF8, at: opening))
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[runStart..<offset]))
                try escape(into: &decoded)
                runStart = offset
            case 0...0x1F: throw unexpected("a control character written as an escape")
            default: offset = max(offset + 1, endOfPlainRun(from: offset))
            }
        }
        throw unterminated()
    }

    private func validated(_ text: UnsafeRawBufferPointer, _ opening: Int) throws(JSONError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else { throw error(.invalidUTF8, at: opening) }
        return string
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        let start = offset
        offset += 1
        guard offset < bytes.count else { throw unterminated() }
        switch bytes[offset] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(bytes[offset])
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            offset += 1
            let scalar = try self.scalar(escapedAt: start)
            decoded.append(contentsOf: scalar.utf8)
            return
        default: throw unexpected("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
        offset += 1
    }

    /// The character of `\uXXXX` or of a pair of them; `offset` stands after the first `\u`.
    private mutating func scalar(escapedAt start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        else { throw error(.loneSurrogate, at: start) }
        offset += 2
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw error(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard offset < bytes.count else { throw unterminated() }
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw unexpected("one of four hexadecimal digits")
            }
            offset += 1
        }
        return code
    }

    private func unterminated() -> JSONError {
        error(.unexpectedEnd(expected: "the closing quote of a string"), at: bytes.count)
    }
}

extension UInt64 {
    /// Whether one of the eight bytes is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    var hasSpecialByte: Bool { hasEscapedByte || self & 0x8080_8080_8080_8080 != 0 }

    /// Whether one of the eight bytes is a quote, a backslash or a control character.
    ///
    /// Byte-parallel tests after "Bit Twiddling Hacks" (Anderson): `(x - 1) & ~x & 0x80` finds a zero byte, and
    /// `(x - 0x21) & ~x & 0x80` a byte below 0x21. The quote, 0x22, becomes one of these with its second bit turned over, by
    /// which none of the others stops being one and only the space changes places with it. A borrow can only flag a byte
    /// above one that is flagged rightly.
    @inline(__always)
    var hasEscapedByte: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let backslashes = self ^ (ones &* 0x5C)
        let controls = ((self ^ (ones &* 2)) &- ones &* 0x21) & ~self
        return ((backslashes &- ones) & ~backslashes | controls) & tops != 0
    }
}

extension [UInt8] {
    fileprivate func withValidated(or error: @autoclosure () -> JSONError) throws(JSONError) -> String {
        guard let string = String(validating: self, as: UTF8.self) else { throw error() }
        return string
    }
}
