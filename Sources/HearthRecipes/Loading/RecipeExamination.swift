/// What can be told about a recipe without running any of its rooms, whether or not it is sound.
package struct RecipeExamination: Sendable {
    /// A function of the declaration, and where it was written.
    package struct Function: Sendable, Hashable {
        /// "handlers.send", "on.join", "derived.total", "cells.user:merge"
        package var name: String
        package var file: String
        package var line: Int
    }

    /// What could be read of it; nil when the sources do not load, or return no declaration.
    package var recipe: Recipe?
    package var functions: [Function]
    /// What the loader refuses.
    package var problems: [RecipeProblem]

    /// Loads a recipe as a server does, but goes on past what is wrong in its declaration.
    package init(_ source: RecipeSource, limits: RecipeLimits = .init()) {
        do throws(RecipeError) {
            self = try RecipeLoader.examine(source, limits: limits, isolation: .none)
        } catch {
            self.init(recipe: nil, functions: [], problems: error.problems)
        }
    }

    init(recipe: Recipe?, functions: [Function], problems: [RecipeProblem]) {
        self.recipe = recipe
        self.functions = functions
        self.problems = problems
    }
}
