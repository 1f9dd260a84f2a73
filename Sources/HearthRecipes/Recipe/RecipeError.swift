/// Everything that is wrong with a recipe, found in one go.
package struct RecipeError: Error, Sendable, Hashable, CustomStringConvertible {
    package var problems: [RecipeProblem]

    package init(_ problems: [RecipeProblem]) {
        self.problems = problems
    }

    /// One problem per paragraph, as `hearth check` prints them.
    package var message: String { problems.map(\.description).joined(separator: "\n") }

    package var description: String { message }
}

/// One thing that is wrong in a recipe.
package struct RecipeProblem: Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// From 1; nil when no line is to blame (a field that is missing altogether).
    package var line: Int?
    /// What is wrong, and what would be right.
    package var message: String
    /// The text of the line.
    package var source: String?

    package init(file: String, line: Int?, message: String, source: String? = nil) {
        self.file = file
        self.line = line
        self.message = message
        self.source = source
    }

    /// "recipe.lua:12: cells.user: …", then the source line, indented.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): \(message)" + (source.map { "\n    \($0)" } ?? "")
    }
}
