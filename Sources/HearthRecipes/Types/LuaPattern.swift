/// A Lua pattern of a schema (`t.string{pattern="^%a+$"}`), checked when the recipe loads.
///
/// It is matched by stepping over the pattern's own items, not by a VM: data is validated before any Lua runs. Matching is
/// bounded: a subject that needs more than ``stepsMax`` steps counts as not matching.
package struct LuaPattern: Sendable, Hashable {
    /// Steps that one match may take. Reached only by patterns with several nested repetitions.
    package static let stepsMax = 100_000

    package let source: String
    let items: [Item]
    let isAnchored: Bool

    struct Item: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case one(Set256)
            case repeated(Set256, least: Int, isLazy: Bool)
            case maybe(Set256)
            case balanced(UInt8, UInt8)
            case frontier(Set256)
            case end
        }
        let kind: Kind
    }

    /// - Throws: ``LuaPatternError`` saying what is malformed. Captures group and are not reported; back references
    ///   (`%1`) are refused.
    package init(_ source: String) throws(LuaPatternError) {
        self.source = source
        var parser = LuaPatternParser(Array(source.utf8))
        (items, isAnchored) = try parser.parse()
    }

    /// Whether the pattern is found in the text (anywhere, unless it is anchored).
    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var matcher = LuaPatternMatcher(items: items, subject: bytes)
            if isAnchored { return matcher.matches(at: 0) }
            for start in 0...bytes.count {
                if matcher.matches(at: start) { return true }
                if matcher.isExhausted { return false }
            }
            return false
        }
    }
}

package struct LuaPatternError: Error, Sendable, Hashable {
    package let message: String
}

/// A set of bytes.
struct Set256: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(where member: (UInt8) -> Bool) {
        for byte in UInt8.min...UInt8.max where member(byte) { insert(byte) }
    }

    static func == (left: Set256, right: Set256) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    func intersects(_ other: Set256) -> Bool {
        words.0 & other.words.0 | words.1 & other.words.1 | words.2 & other.words.2 | words.3 & other.words.3 != 0
    }

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    mutating func formUnion(_ other: Set256) {
        words.0 |= other.words.0
        words.1 |= other.words.1
        words.2 |= other.words.2
        words.3 |= other.words.3
    }

    var inverted: Set256 {
        var result = Set256()
        result.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return result
    }
}
