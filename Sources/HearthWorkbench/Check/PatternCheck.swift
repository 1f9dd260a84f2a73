import HearthLuaSyntax
import HearthRecipes

/// Patterns that are malformed, and those that take an age on a text made for it.
enum PatternCheck {
    private static let functions: Set<String> = ["find", "match", "gmatch", "gsub"]

    static func findings(in chunk: LuaChunk) -> [RecipeCheck.Note] {
        var notes: [RecipeCheck.Note] = []
        for function in chunk.functions {
            function.block.walkExpressions { expression in
                guard let pattern = pattern(in: expression), let text = pattern.text else { return }
                if let note = judge(text, at: pattern.position) { notes.append(note) }
            }
        }
        return notes
    }

    /// The pattern of `string.find(s, p)`, `s:find(p)` and `t.string { pattern = p }`.
    private static func pattern(in expression: Expression) -> Expression? {
        switch expression.kind {
        case .call(let function, let arguments):
            if case .index(let library, let key, _) = function.kind, case .name(let name) = library.kind {
                if name.text == "string", let word = key.text, functions.contains(word), arguments.count > 1 {
                    return isPlain(arguments.dropFirst(3).first) ? nil : arguments[1]
                }
                if key.text == "string", case .table(let fields)? = arguments.first?.kind {
                    for case .named("pattern", _, let value) in fields { return value }
                }
            }
            return nil
        case .methodCall(_, let method, let arguments) where functions.contains(method.name):
            return isPlain(arguments.dropFirst(2).first) ? nil : arguments.first
        default: return nil
        }
    }

    private static func isPlain(_ flag: Expression?) -> Bool {
        if case .boolean(true)? = flag?.kind { true } else { false }
    }

    private static func judge(_ text: String, at position: SyntaxPosition) -> RecipeCheck.Note? {
        do throws(LuaPatternError) {
            let pattern = try LuaPattern(text)
            guard pattern.overlappingRepetitions > 2 else { return nil }
            return RecipeCheck.Note(
                code: .slowPattern, position: position,
                message: "\(pattern.overlappingRepetitions) repetitions in a row can take the same characters: "
                    + "a long text that does not match is tried in very many ways, and ends in budget_exceeded",
                suggestion: "put something between them that they cannot take, like [^,]*, or match in two steps")
        } catch {
            // Schemas refuse back references, other patterns may have them.
            if text.firstMatch(of: /%[1-9]/) != nil { return nil }
            return RecipeCheck.Note(
                code: .pattern, position: position, message: "the pattern is malformed: \(error.message)",
                suggestion: nil)
        }
    }
}
