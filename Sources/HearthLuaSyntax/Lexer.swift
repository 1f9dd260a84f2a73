/// Cuts a text into words of Lua 5.4. Total: every text ends in ``Token/Kind/end`` or in an error.
///
/// - Complexity: O(1) memory besides the token, and O(length of the token and what stands before it) for each.
struct Lexer {
    let bytes: [UInt8]
    var cursor = 0
    private var line = 1
    private var lineStart = 0

    init(_ text: [UInt8]) {
        bytes = text
    }

    var position: SyntaxPosition { SyntaxPosition(line: line, column: cursor - lineStart + 1) }

    /// - Throws: `LuaSyntaxError` at the first byte that cannot belong to a token.
    mutating func next() throws(LuaSyntaxError) -> Token {
        try skipBlanks()
        let (place, start) = (position, cursor)
        let kind = try kind(at: place)
        return Token(kind: kind, position: place, start: start, stop: cursor)
    }

    private mutating func kind(at place: SyntaxPosition) throws(LuaSyntaxError) -> Token.Kind {
        guard let byte = peek() else { return .end }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            return word()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at: place)
        case UInt8(ascii: ".") where peek(1).map(\.isDigit) == true: return try number(at: place)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try quoted(byte, at: place))
        case UInt8(ascii: "["):
            if let level = longBracketLevel() { return .string(try longText(level, what: "string", at: place)) }
            if peek(1) == UInt8(ascii: "=") { throw error("invalid long string delimiter", at: place) }
            cursor += 1
            return .symbol(.openBracket)
        default: return .symbol(try symbol(at: place))
        }
    }

    private mutating func word() -> Token.Kind {
        let start = cursor
        while let byte = peek(), byte.isNamePart { cursor += 1 }
        let text = String(decoding: bytes[start..<cursor], as: UTF8.self)
        return Keyword(rawValue: text).map { .keyword($0) } ?? .name(text)
    }

    private mutating func symbol(at place: SyntaxPosition) throws(LuaSyntaxError) -> Symbol {
        for length in [3, 2, 1] where cursor + length <= bytes.count {
            let text = String(decoding: bytes[cursor..<(cursor + length)], as: UTF8.self)
            if let symbol = Symbol(rawValue: text) {
                cursor += length
                return symbol
            }
        }
        let byte = bytes[cursor]
        let shown = byte >= 0x20 && byte < 0x7f ? "'\(Character(Unicode.Scalar(byte)))'" : "'<\\\(byte)>'"
        throw error("unexpected symbol near \(shown)", at: place)
    }

    // MARK: - Blanks

    private mutating func skipBlanks() throws(LuaSyntaxError) {
        while let byte = peek() {
            switch byte {
            case 0x0a, 0x0d: newLine()
            case 0x20, 0x09, 0x0b, 0x0c: cursor += 1
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(LuaSyntaxError) {
        let place = position
        cursor += 2
        if peek() == UInt8(ascii: "["), let level = longBracketLevel() {
            _ = try longText(level, what: "comment", at: place)
            return
        }
        while let byte = peek(), byte != 0x0a, byte != 0x0d { cursor += 1 }
    }

    /// `\r\n` and `\n\r` are one end of a line.
    mutating func newLine() {
        let first = bytes[cursor]
        cursor += 1
        if let second = peek(), second == 0x0a || second == 0x0d, second != first { cursor += 1 }
        line += 1
        lineStart = cursor
    }

    // MARK: - Long brackets

    /// How many `=` stand between the two `[` here; nil when this is no long bracket.
    private func longBracketLevel() -> Int? {
        var level = 0
        while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        return peek(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func longText(
        _ level: Int, what: String, at place: SyntaxPosition
    ) throws(LuaSyntaxError) -> [UInt8] {
        cursor += level + 2
        if let byte = peek(), byte == 0x0a || byte == 0x0d { newLine() }
        var text: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "]") where closesLongBracket(level):
                cursor += level + 2
                return text
            case 0x0a, 0x0d:
                newLine()
                text.append(0x0a)
            default:
                text.append(byte)
                cursor += 1
            }
        }
        throw error("unfinished long \(what) (starting at line \(place.line)) near <eof>", at: position)
    }

    /// Looks at no more bytes than it takes when it holds, or than it may skip when it does not.
    private func closesLongBracket(_ level: Int) -> Bool {
        for offset in 0..<level where peek(1 + offset) != UInt8(ascii: "=") { return false }
        return peek(1 + level) == UInt8(ascii: "]")
    }

    // MARK: - Bytes

    func peek(_ ahead: Int = 0) -> UInt8? {
        cursor + ahead < bytes.count ? bytes[cursor + ahead] : nil
    }

    func error(_ message: String, at place: SyntaxPosition) -> LuaSyntaxError {
        LuaSyntaxError(cause: .malformed, position: place, message: message)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isHexDigit: Bool { hexValue != nil }

    var hexValue: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    var isNamePart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit
        }
    }
}
