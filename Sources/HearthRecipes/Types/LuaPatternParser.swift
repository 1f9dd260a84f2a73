/// Reads the text of a Lua pattern (Lua 5.4 manual, §6.4.1) into items.
struct LuaPatternParser {
    private let bytes: [UInt8]
    private var place = 0
    private var openGroups = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func parse() throws(LuaPatternError) -> ([LuaPattern.Item], isAnchored: Bool) {
        var items: [LuaPattern.Item] = []
        let isAnchored = bytes.first == UInt8(ascii: "^")
        if isAnchored { place = 1 }
        while place < bytes.count {
            if let item = try parseItem() { items.append(item) }
        }
        if openGroups > 0 { throw LuaPatternError(message: "a '(' is not closed") }
        return (items, isAnchored)
    }

    /// Nil for the brackets of a capture, which match nothing themselves.
    private mutating func parseItem() throws(LuaPatternError) -> LuaPattern.Item? {
        switch bytes[place] {
        case UInt8(ascii: "("):
            openGroups += 1
            place += 1
            return nil
        case UInt8(ascii: ")"):
            if openGroups == 0 { throw LuaPatternError(message: "a ')' has no '('") }
            openGroups -= 1
            place += 1
            return nil
        case UInt8(ascii: "$") where place + 1 == bytes.count:
            place += 1
            return LuaPattern.Item(kind: .end)
        case UInt8(ascii: "%") where next == UInt8(ascii: "b"):
            guard place + 3 < bytes.count else { throw LuaPatternError(message: "%b needs two characters") }
            defer { place += 4 }
            return LuaPattern.Item(kind: .balanced(bytes[place + 2], bytes[place + 3]))
        case UInt8(ascii: "%") where next == UInt8(ascii: "f"):
            place += 2
            guard place < bytes.count, bytes[place] == UInt8(ascii: "[") else {
                throw LuaPatternError(message: "%f needs a [set]")
            }
            return LuaPattern.Item(kind: .frontier(try parseSet()))
        default:
            return repeating(try parseSingle())
        }
    }

    private var next: UInt8? { place + 1 < bytes.count ? bytes[place + 1] : nil }

    private mutating func repeating(_ set: Set256) -> LuaPattern.Item {
        guard place < bytes.count else { return LuaPattern.Item(kind: .one(set)) }
        let kind: LuaPattern.Item.Kind
        switch bytes[place] {
        case UInt8(ascii: "*"): kind = .repeated(set, least: 0, isLazy: false)
        case UInt8(ascii: "+"): kind = .repeated(set, least: 1, isLazy: false)
        case UInt8(ascii: "-"): kind = .repeated(set, least: 0, isLazy: true)
        case UInt8(ascii: "?"): kind = .maybe(set)
        default: return LuaPattern.Item(kind: .one(set))
        }
        place += 1
        return LuaPattern.Item(kind: kind)
    }

    private mutating func parseSingle() throws(LuaPatternError) -> Set256 {
        switch bytes[place] {
        case UInt8(ascii: "."):
            place += 1
            return Set256 { _ in true }
        case UInt8(ascii: "["): return try parseSet()
        case UInt8(ascii: "%"): return try parseEscape()
        case let byte:
            place += 1
            var set = Set256()
            set.insert(byte)
            return set
        }
    }

    private mutating func parseEscape() throws(LuaPatternError) -> Set256 {
        guard let letter = next else { throw LuaPatternError(message: "ends with '%'") }
        if letter >= UInt8(ascii: "0"), letter <= UInt8(ascii: "9") {
            throw LuaPatternError(message: "back references (%1) are not allowed in a schema")
        }
        place += 2
        if let known = LuaPatternParser.class(letter) { return known }
        var set = Set256()
        set.insert(letter)
        return set
    }

    private mutating func parseSet() throws(LuaPatternError) -> Set256 {
        place += 1
        let isInverted = place < bytes.count && bytes[place] == UInt8(ascii: "^")
        if isInverted { place += 1 }
        var set = Set256()
        var isFirst = true
        while true {
            guard place < bytes.count else { throw LuaPatternError(message: "a '[' is not closed") }
            if bytes[place] == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if bytes[place] == UInt8(ascii: "%") {
                set.formUnion(try parseEscape())
            } else if next == UInt8(ascii: "-"), place + 2 < bytes.count, bytes[place + 2] != UInt8(ascii: "]") {
                let low = bytes[place]
                let high = bytes[place + 2]
                set.formUnion(Set256 { low <= $0 && $0 <= high })
                place += 3
            } else {
                set.insert(bytes[place])
                place += 1
            }
        }
        place += 1
        return isInverted ? set.inverted : set
    }

    /// The class of a letter as in `%a`; a capital inverts it. Nil for what is no class.
    private static func `class`(_ letter: UInt8) -> Set256? {
        let lower = letter | 0x20
        let set: Set256
        switch lower {
        case UInt8(ascii: "a"): set = Set256 { isLetter($0) }
        case UInt8(ascii: "c"): set = Set256 { $0 < 32 || $0 == 127 }
        case UInt8(ascii: "d"): set = Set256 { isDigit($0) }
        case UInt8(ascii: "g"): set = Set256 { $0 > 32 && $0 < 127 }
        case UInt8(ascii: "l"): set = Set256 { $0 >= 97 && $0 <= 122 }
        case UInt8(ascii: "p"): set = Set256 { $0 > 32 && $0 < 127 && !isLetter($0) && !isDigit($0) }
        case UInt8(ascii: "s"): set = Set256 { $0 == 32 || ($0 >= 9 && $0 <= 13) }
        case UInt8(ascii: "u"): set = Set256 { $0 >= 65 && $0 <= 90 }
        case UInt8(ascii: "w"): set = Set256 { isLetter($0) || isDigit($0) }
        case UInt8(ascii: "x"): set = Set256 { isDigit($0) || (($0 | 0x20) >= 97 && ($0 | 0x20) <= 102) }
        default: return nil
        }
        guard letter == lower || (letter >= 65 && letter <= 90) else { return nil }
        return letter == lower ? set : set.inverted
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 97 && (byte | 0x20) <= 122 }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
