import HearthLuaSyntax

/// What was typed, as it is run.
enum LuaEntry {
    /// May be run: whole, or wrong in a way that more lines do not mend.
    case whole(String)
    /// Goes on in the next line.
    case unfinished

    /// An expression is returned, with or without the `=` that older Lua wanted before it.
    static func read(_ typed: String) -> LuaEntry {
        let trimmed = typed.drop { $0 == " " || $0 == "\t" }
        let expression = "return " + (trimmed.hasPrefix("=") ? trimmed.dropFirst() : typed[...])
        guard let asExpression = error(in: expression) else { return .whole(expression) }
        guard let asStatement = error(in: typed) else { return .whole(typed) }
        if [asExpression, asStatement].contains(where: \.isAtEnd) { return .unfinished }
        // What gets further is what was meant.
        let isExpression = asExpression.message != asStatement.message && asExpression.reach(asStatement, "return ")
        return .whole(isExpression ? expression : typed)
    }

    private static func error(in text: String) -> LuaSyntaxError? {
        do throws(LuaSyntaxError) {
            _ = try LuaChunk(text)
            return nil
        } catch {
            return error
        }
    }
}

extension LuaSyntaxError {
    fileprivate var isAtEnd: Bool { message.hasSuffix("<eof>") || message.hasSuffix("'<eof>'") }

    /// Whether it stands behind another error, of a text without the word before this one's.
    fileprivate func reach(_ other: LuaSyntaxError, _ word: String) -> Bool {
        let column = position.line == 1 ? position.column - word.count : position.column
        return (position.line, column) > (other.position.line, other.position.column)
    }
}
