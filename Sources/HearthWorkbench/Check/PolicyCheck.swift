import HearthLuaSyntax
import HearthRecipes
import HearthTransactions

/// What a declaration says about conflicts and does not mean.
enum PolicyCheck {
    static func findings(in recipe: Recipe, _ analysis: RecipeAnalysis) -> [RecipeCheck.Note] {
        merges(of: recipe, analysis) + conflicts(of: recipe, analysis)
    }

    private static func merges(of recipe: Recipe, _ analysis: RecipeAnalysis) -> [RecipeCheck.Note] {
        recipe.cells.values.flatMap { cell -> [RecipeCheck.Note] in
            guard cell.merge != .conflict else { return [] }
            let place = analysis.functionPlace("cells.\(cell.name):merge")
            let position = place?.position ?? analysis.declaredPosition(of: cell.name)
            func note(_ message: String, _ suggestion: String) -> RecipeCheck.Note {
                .init(
                    code: .mergePolicy, position: position, message: "cells.\(cell.name): " + message,
                    suggestion: suggestion, file: place?.file ?? 0)
            }
            var notes: [RecipeCheck.Note] = []
            if cell.isEphemeral {
                notes.append(
                    note(
                        ":merge has no effect on an ephemeral cell: it is not part of transactions",
                        "take :merge away; the newest value wins"))
            }
            if cell.merge == .max, !cell.type.holdsNumbers {
                notes.append(
                    note(
                        ":merge \"max\" keeps the larger number, and this cell holds none: it is always a conflict",
                        "use it on a number or on an object or map of numbers, or merge with a function"))
            }
            if let place, let body = analysis.body(at: place.key), !returnsSomething(body) {
                notes.append(
                    note(
                        "its merge function returns nothing, which means conflict, always",
                        "return what shall stand"))
            }
            return notes
        }
    }

    private static func returnsSomething(_ body: FunctionBody) -> Bool {
        var found = false
        body.block.walk { if case .return(let values) = $0.kind, !values.isEmpty { found = true } }
        return found
    }

    private static func conflicts(of recipe: Recipe, _ analysis: RecipeAnalysis) -> [RecipeCheck.Note] {
        recipe.handlers.values.compactMap { handler in
            let place = analysis.functionPlace("handlers.\(handler.name)")
            func note(_ message: String, _ suggestion: String) -> RecipeCheck.Note {
                .init(
                    code: .conflictPolicy, position: place?.position,
                    message: "handlers.\(handler.name): " + message, suggestion: suggestion, file: place?.file ?? 0)
            }
            switch handler.onConflict {
            case .function where handler.maxRuns == 1:
                return note(
                    "on_conflict never runs: with max_runs = 1 there is no second run",
                    "raise max_runs, or use on_conflict = \"reject\"")
            case .reject where handler.maxRuns != HandlerDeclaration.maxRunsDefault:
                return note(
                    "max_runs has no effect: on_conflict = \"reject\" ends the event at its first conflict",
                    "take one of the two away")
            default: return nil
            }
        }
    }
}

extension CellType {
    fileprivate var holdsNumbers: Bool {
        switch required {
        case .integer, .number, .any: true
        case .map(let rule): rule.element.holdsNumbers
        case .object(let object): object.fields.contains { $0.type.holdsNumbers }
        default: false
        }
    }
}
