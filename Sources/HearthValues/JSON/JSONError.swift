/// Why a text is not JSON that we take.
package struct JSONError: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Another byte than the grammar allows; `expected` says what would be right.
        case unexpected(found: UInt8, expected: String)
        /// The text ends too early; `expected` says what is missing.
        case unexpectedEnd(expected: String)
        /// More lists and objects inside one another than the limit.
        case tooDeep(depthMax: Int)
        /// A string is not UTF-8.
        case invalidUTF8
        /// `\uD800`…`\uDFFF` that is not one half of a pair.
        case loneSurrogate
        /// A number that no double can hold.
        case numberTooLarge
        /// An object with a key `$ref` that is not a link; see ``JSON/Links/parsed``.
        case invalidLink
        /// An object with a key twice; see ``JSONLimits/refusesDuplicates``.
        case duplicateKey
    }

    package let kind: Kind
    /// In bytes from 0.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// The value in which the error is, as far as it was read.
    package internal(set) var pointer = Pointer()

    /// What is wrong, where, and what would be right, for people.
    package var message: String {
        let place = pointer.tokens.isEmpty ? "" : ", in \"\(pointer)\""
        return "\(problem) (line \(line), byte \(offset)\(place))"
    }

    private var problem: String {
        switch kind {
        case .unexpected(let found, let expected): "found \(Self.name(found)) where \(expected) should be"
        case .unexpectedEnd(let expected): "the text ends where \(expected) should be"
        case .tooDeep(let depthMax): "more than \(depthMax) lists and objects inside one another"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .loneSurrogate: "half of a surrogate pair stands alone; write both halves or the character itself"
        case .numberTooLarge: "the number is larger than a 64-bit double can hold"
        case .invalidLink: "an object with \"$ref\" must be a link: {\"$ref\":\"CELL#POINTER\"} and no other key"
        case .duplicateKey: "an object has the same key twice"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        if byte > 0x20 && byte < 0x7F { return "\"\(Character(Unicode.Scalar(byte)))\"" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "the byte 0x" + (digits.count == 1 ? "0" : "") + digits
    }
}
