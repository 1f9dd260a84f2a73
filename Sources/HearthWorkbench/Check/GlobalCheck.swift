import HearthLua
import HearthLuaSyntax
import HearthRecipes

/// Names that are not there: globals, and fields of libraries.
enum GlobalCheck {
    private static let known = Set(SandboxSurface.functions + SandboxSurface.libraries.keys)

    static func findings(in chunk: LuaChunk) -> [RecipeCheck.Note] {
        var notes: [RecipeCheck.Note] = []
        for function in chunk.functions {
            function.block.walk { statement in
                notes += writes(of: statement)
                for expression in statement.expressions { expression.walk { notes += reads(of: $0) } }
            }
        }
        return notes
    }

    private static func writes(of statement: Statement) -> [RecipeCheck.Note] {
        let targets: [Expression]
        switch statement.kind {
        case .assign(let list, _): targets = list
        case .function(let target, _): targets = [target]
        default: return []
        }
        return targets.compactMap { target in
            guard case .name(let name) = target.kind, name.binding == .global else { return nil }
            return RecipeCheck.Note(
                code: .globalWrite, position: name.position,
                message: "\(name.text) is assigned as a global, and recipes have none of their own",
                suggestion: "write local \(name.text), and keep in a cell what is to last")
        }
    }

    private static func reads(of expression: Expression) -> [RecipeCheck.Note] {
        switch expression.kind {
        case .name(let name) where name.binding == .global && !known.contains(name.text): return [unknown(name)]
        case .index(let object, let key, _):
            guard case .name(let library) = object.kind, library.binding == .global,
                let fields = SandboxSurface.libraries[library.text], let field = key.text, !fields.contains(field)
            else { return [] }
            let whole = "\(library.text).\(field)"
            return [
                RecipeCheck.Note(
                    code: .unknownGlobal, position: key.position, message: "there is no \(whole) in a recipe",
                    suggestion: SandboxSurface.absent[whole]
                        ?? Spelling.nearest(to: field, among: fields).map { "did you mean \(library.text).\($0)?" }
                        ?? "\(library.text) has \(fields.joined(separator: ", "))")
            ]
        default: return []
        }
    }

    private static func unknown(_ name: Name) -> RecipeCheck.Note {
        let words = HostSurface.functions.contains { $0.receivers == [.context] && $0.name == name.text }
        let suggestion =
            SandboxSurface.absent[name.text]
            ?? (words || HostSurface.contextFields.contains { $0.name == name.text }
                ? "did you mean ctx.\(name.text)?"
                : Spelling.nearest(to: name.text, among: Array(known)).map { "did you mean \($0)?" })
        return RecipeCheck.Note(
            code: .unknownGlobal, position: name.position, message: "there is no global \(name.text) in a recipe",
            suggestion: suggestion ?? "declare it with local, or take it from a module with require")
    }
}
