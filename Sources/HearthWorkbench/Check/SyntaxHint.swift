import HearthLuaSyntax

/// What people write who know another language better than Lua.
enum SyntaxHint {
    /// - Parameter position: where the parser could not go on.
    /// - Returns: how Lua says it; nil when nothing familiar stands there.
    static func suggestion(in lines: [Substring], at position: SyntaxPosition) -> String? {
        guard lines.indices.contains(position.line - 1) else { return nil }
        let text = lines[position.line - 1]
        if text.hasPrefix("#!") { return nil }
        let bytes = Array(text.utf8)
        let end = min(bytes.count, position.column + 2)
        let around = String(decoding: bytes[min(end, max(0, position.column - 3))..<end], as: UTF8.self)
        for (sign, hint) in signs where around.contains(sign) { return hint }
        let words = text.split { !($0.isLetter || $0 == "_") }
        if words.contains(where: { $0 == "if" || $0 == "while" }), text.contains(" = ") { return "equal is == in Lua" }
        if words.contains("else"), words.contains("if") { return "Lua writes elseif as one word" }
        return nil
    }

    private static let signs = [
        ("!=", "unequal is ~= in Lua"), ("++", "Lua has no ++: write n = n + 1, and for a cell cells.n:increment(1)"),
        ("+=", "Lua has no +=: write n = n + 1, and for a cell cells.n:increment(1)"),
        ("-=", "Lua has no -=: write n = n - 1, and for a cell cells.n:increment(-1)"),
        ("&&", "Lua writes and"), ("||", "Lua writes or"), ("!", "Lua writes not"),
        ("=>", "Lua writes function(…) … end"),
        ("//", "a comment begins with -- in Lua"),
    ]
}
