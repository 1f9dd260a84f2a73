package import HearthRecipes
import HearthValues

/// What a recipe's cells were when a version of it was let out: `recipe.lock` beside `recipe.lua`. With it, a change of
/// the cells that forgot to raise `version` is found before any room meets it.
package enum SchemaLock {
    package static let fileName = "recipe.lock"

    /// The lock of a recipe as it is now, as JSON text with one cell a line.
    package static func text(of recipe: Recipe) -> String {
        let cells = self.cells(of: recipe)
        let lines = cells.keys.sorted().map { "    \(JSON.text(.string($0))): \(JSON.text(cells[$0] ?? .null))" }
        return """
            {
              "recipe": \(JSON.text(.string(recipe.name))),
              "version": \(recipe.version),
              "cells": {
            \(lines.joined(separator: ",\n"))
              }
            }

            """
    }

    private static func cells(of recipe: Recipe) -> [String: Value] {
        guard case .object(let cells)? = recipe.description.object?["cells"] else { return [:] }
        // Ephemeral cells are not stored: they may change as they like.
        return Dictionary(
            cells.filter { recipe.cells[$0.key]?.isEphemeral != true }.map { ($0.key, $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter lock: the text of the file.
    package static func findings(of recipe: Recipe, lock: String) -> [Finding] {
        guard let object = (try? JSON.parse(Array(lock.utf8)))?.object, let version = object["version"]?.int,
            let known = object["cells"]?.object
        else {
            return [
                finding(
                    "\(fileName) cannot be read", "write it anew with hearth check --record")
            ]
        }
        if recipe.version < version {
            return [
                finding(
                    "version is \(recipe.version), and version \(version) was let out already",
                    "raise it to \(version + 1)")
            ]
        }
        if recipe.version > version { return [] }
        let now = cells(of: recipe)
        let names = Set(now.keys).union(known.map(\.key)).sorted()
        let changed = names.filter { now[$0] != known[$0] }
        if changed.isEmpty { return [] }
        return [
            finding(
                "the cells have changed since version \(version) was let out: \(changed.joined(separator: ", "))",
                "raise version to \(version + 1), and bring old rooms up to date in on.migrate")
        ]
    }

    private static func finding(_ message: String, _ suggestion: String) -> Finding {
        Finding(code: .version, file: "recipe.lua", line: nil, message: message, suggestion: suggestion)
    }
}
