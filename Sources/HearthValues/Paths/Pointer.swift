/// A JSON pointer (RFC 6901): where in a value something is. No tokens means the whole value.
///
/// Pointers are equal when their tokens have the same bytes.
package struct Pointer: Sendable {
    /// The reference tokens, unescaped.
    package var tokens: PointerTokens

    package init() { tokens = PointerTokens() }

    package init(tokens: [String]) { self.tokens = PointerTokens(tokens) }

    package init(tokens: PointerTokens) { self.tokens = tokens }

    /// Reads the text form: empty, or `/` before each token, with `~0` for `~` and `~1` for `/`.
    ///
    /// - Throws: ``PointerError`` when the text does not start with `/` or holds a `~` not followed by 0 or 1.
    /// - Complexity: O(n).
    package init(parsing text: String) throws(PointerError) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else {
            tokens = PointerTokens()
            return
        }
        guard first == UInt8(ascii: "/") else { throw .noLeadingSlash(text) }
        var tokens: [String] = []
        for raw in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            tokens.append(try Self.unescaped(raw, in: text))
        }
        self.tokens = PointerTokens(tokens)
    }

    private static func unescaped(_ raw: ArraySlice<UInt8>, in text: String) throws(PointerError) -> String {
        guard raw.contains(UInt8(ascii: "~")) else { return String(decoding: raw, as: UTF8.self) }
        var token: [UInt8] = []
        var index = raw.startIndex
        while index < raw.endIndex {
            var byte = raw[index]
            if byte == UInt8(ascii: "~") {
                index += 1
                switch index < raw.endIndex ? raw[index] : 0 {
                case UInt8(ascii: "0"): byte = UInt8(ascii: "~")
                case UInt8(ascii: "1"): byte = UInt8(ascii: "/")
                default: throw .badEscape(text)
                }
            }
            token.append(byte)
            index += 1
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// This pointer with one more token.
    package func appending(_ token: String) -> Pointer { Pointer(tokens: tokens.appending(token)) }

    /// This pointer with one more token that is a list index.
    package func appending(_ index: Int) -> Pointer { appending(String(index)) }

    /// Whether `other` is this pointer or points below it.
    package func isPrefix(of other: Pointer) -> Bool {
        tokens.count <= other.tokens.count && zip(tokens, other.tokens).allSatisfy { $0.hasSameBytes(as: $1) }
    }

    /// The list index that `token` spells: decimal digits without leading zeros, or nil.
    ///
    /// - Complexity: O(1).
    package static func index(_ token: String) -> Int? {
        let digits = token.utf8
        guard let first = digits.first, digits.count <= 18 else { return nil }
        if first == UInt8(ascii: "0") { return digits.count == 1 ? 0 : nil }
        var index = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            index = index * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return index
    }
}

extension Pointer: Hashable {}

extension Pointer: CustomStringConvertible {
    /// The text form, escaped.
    ///
    /// - Complexity: O(n).
    package var description: String {
        var text = ""
        for token in tokens {
            text += "/"
            guard token.needsEscapeInPointer else {
                text += token
                continue
            }
            var escaped: [UInt8] = []
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): escaped += [byte, UInt8(ascii: "0")]
                case UInt8(ascii: "/"): escaped += [UInt8(ascii: "~"), UInt8(ascii: "1")]
                default: escaped.append(byte)
                }
            }
            text += String(decoding: escaped, as: UTF8.self)
        }
        return text
    }
}

extension String {
    /// Whether it holds one of the two characters that a pointer's text spells otherwise.
    var needsEscapeInPointer: Bool {
        withBytes { bytes in bytes.contains { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") } }
    }
}
