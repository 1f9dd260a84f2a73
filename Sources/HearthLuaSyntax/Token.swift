/// A word of Lua.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case end
        case name(String)
        case keyword(Keyword)
        case symbol(Symbol)
        case string([UInt8])
        /// As it was written.
        case number(String)
    }

    var kind: Kind
    var position: SyntaxPosition
    /// Where the text of the token begins and ends, in bytes from 0.
    var start: Int
    var stop: Int
}

enum Keyword: String, Sendable, Hashable, CaseIterable {
    case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, goto, `if`, `in`, local, `nil`, not, or
    case `repeat`, `return`, then, `true`, until, `while`
}

enum Symbol: String, Sendable, Hashable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case doubleSlash = "//"
    case percent = "%"
    case caret = "^"
    case hash = "#"
    case ampersand = "&"
    case tilde = "~"
    case bar = "|"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case equal = "=="
    case unequal = "~="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"
    case assign = "="
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBrace = "{"
    case closeBrace = "}"
    case openBracket = "["
    case closeBracket = "]"
    case doubleColon = "::"
    case semicolon = ";"
    case colon = ":"
    case comma = ","
    case dot = "."
    case concat = ".."
    case ellipsis = "..."
}
