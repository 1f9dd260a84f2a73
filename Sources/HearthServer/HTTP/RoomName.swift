/// Which names a room may have, and how they stand in a URL.
package enum RoomName {
    static let charactersMax = 128
    package static let rule = "1 to \(charactersMax) characters, no '/', no control characters"

    /// 1 to 128 characters (Unicode scalars) without `/`, control characters and line ends; `.` and `..` mean something else in a path.
    package static func isValid(_ name: String) -> Bool {
        guard (1...charactersMax).contains(name.unicodeScalars.count), name != ".", name != ".." else { return false }
        return !name.unicodeScalars.contains { $0 == "/" || $0.isControl }
    }

    /// Takes the percent-encoding off one segment of a path; nil when it is malformed or not UTF-8.
    static func decoded(_ segment: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var iterator = segment.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexDigit), let low = iterator.next().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Unicode.Scalar {
    /// A control character or a line end: in a log or a terminal it does more than to be seen.
    var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
    }
}
