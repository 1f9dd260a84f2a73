/// Strings in quotes, and numbers.
extension Lexer {
    mutating func quoted(_ quote: UInt8, at place: SyntaxPosition) throws(LuaSyntaxError) -> [UInt8] {
        cursor += 1
        var text: [UInt8] = []
        while true {
            guard let byte = peek() else { throw error("unfinished string near <eof>", at: place) }
            switch byte {
            case quote:
                cursor += 1
                return text
            case 0x0a, 0x0d: throw error("unfinished string", at: place)
            case UInt8(ascii: "\\"): try escape(into: &text)
            default:
                text.append(byte)
                cursor += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(LuaSyntaxError) {
        let place = position
        cursor += 1
        guard let byte = peek() else { throw error("unfinished string near <eof>", at: place) }
        if let plain = Self.escapes[byte] {
            text.append(plain)
            cursor += 1
            return
        }
        switch byte {
        case 0x0a, 0x0d:
            newLine()
            text.append(0x0a)
        case UInt8(ascii: "x"): try hexEscape(into: &text, at: place)
        case UInt8(ascii: "u"): try unicodeEscape(into: &text, at: place)
        case UInt8(ascii: "z"):
            cursor += 1
            while let blank = peek(), blank == 0x20 || (0x09...0x0d).contains(blank) {
                if blank == 0x0a || blank == 0x0d { newLine() } else { cursor += 1 }
            }
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            var code = 0
            var digits = 0
            while digits < 3, let digit = peek(), digit.isDigit {
                code = code * 10 + Int(digit - UInt8(ascii: "0"))
                digits += 1
                cursor += 1
            }
            guard let value = UInt8(exactly: code) else {
                throw error("decimal escape too large: \\\(code) is above \\255", at: place)
            }
            text.append(value)
        default: throw error("invalid escape sequence", at: place)
        }
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
    ]

    private mutating func hexEscape(into text: inout [UInt8], at place: SyntaxPosition) throws(LuaSyntaxError) {
        guard let high = peek(1)?.hexValue, let low = peek(2)?.hexValue else {
            throw error("hexadecimal digit expected: \\x takes two", at: place)
        }
        text.append(UInt8(truncatingIfNeeded: high << 4 | low))
        cursor += 3
    }

    /// Up to 2^31, in the original UTF-8 of up to six bytes, as Lua has it.
    private mutating func unicodeEscape(into text: inout [UInt8], at place: SyntaxPosition) throws(LuaSyntaxError) {
        guard peek(1) == UInt8(ascii: "{"), peek(2)?.isHexDigit == true else {
            throw error("missing '{' or hexadecimal digit in \\u{XXX}", at: place)
        }
        cursor += 2
        var code: UInt32 = 0
        while let digit = peek()?.hexValue {
            if code > 0x7fff_ffff >> 4 { throw error("UTF-8 value too large", at: place) }
            code = code << 4 | digit
            cursor += 1
        }
        guard peek() == UInt8(ascii: "}") else { throw error("missing '}' in \\u{XXX}", at: place) }
        cursor += 1
        Self.append(code, to: &text)
    }

    private static func append(_ code: UInt32, to text: inout [UInt8]) {
        if code < 0x80 { return text.append(UInt8(code)) }
        var rest = code
        var tail: [UInt8] = []
        var firstMax: UInt32 = 0x3f
        while rest > firstMax {
            tail.append(UInt8(0x80 | rest & 0x3f))
            rest >>= 6
            firstMax >>= 1
        }
        text.append(UInt8(truncatingIfNeeded: ~firstMax << 1 | rest))
        text += tail.reversed()
    }

    /// Takes what Lua takes for the text of a numeral (digits, letters, points, signs after an exponent), then judges it.
    mutating func number(at place: SyntaxPosition) throws(LuaSyntaxError) -> Token.Kind {
        let start = cursor
        let isHex = peek() == UInt8(ascii: "0") && peek(1).map { $0 | 0x20 } == UInt8(ascii: "x")
        if isHex { cursor += 2 }
        let exponent = UInt8(ascii: isHex ? "p" : "e")
        while let byte = peek() {
            if byte | 0x20 == exponent {
                cursor += 1
                if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { cursor += 1 }
            } else if byte.isHexDigit || byte == UInt8(ascii: ".") {
                cursor += 1
            } else {
                break
            }
        }
        // A numeral that touches a letter is malformed as a whole.
        while let byte = peek(), byte.isNamePart { cursor += 1 }
        let text = bytes[start..<cursor]
        guard Self.isNumeral(text.dropFirst(isHex ? 2 : 0), isHex: isHex) else {
            throw error("malformed number near '\(String(decoding: text, as: UTF8.self))'", at: place)
        }
        return .number(String(decoding: text, as: UTF8.self))
    }

    /// Digits with at most one point, then an exponent with decimal digits, or none.
    private static func isNumeral(_ text: ArraySlice<UInt8>, isHex: Bool) -> Bool {
        var rest = text
        var (digits, points) = (0, 0)
        while let byte = rest.first, byte == UInt8(ascii: ".") || (isHex ? byte.isHexDigit : byte.isDigit) {
            if byte == UInt8(ascii: ".") { points += 1 } else { digits += 1 }
            rest.removeFirst()
        }
        guard digits > 0, points <= 1 else { return false }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: isHex ? "p" : "e") else { return false }
        rest.removeFirst()
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit)
    }
}
