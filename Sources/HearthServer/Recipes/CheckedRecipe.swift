import Foundation
package import HearthRecipes
import Logging

/// A recipe as it was found on disk, with what its check said.
package struct CheckedRecipe: Sendable {
    package let name: String
    /// The recipe's folder, or its file.
    package let path: String
    package let outcome: Result<Recipe, RecipeError>
    package let source: RecipeSource

    /// Everything in `path` that is a recipe, in order of paths, whether or not it passes its checks.
    ///
    /// - Parameter path: a folder of recipes, one recipe's folder, or one recipe's file.
    /// - Throws: `ServerError` when there is nothing at `path`.
    package static func all(in path: String) throws(ServerError) -> [CheckedRecipe] {
        let logger = Logger(label: "hearth")
        return try RecipeFolder.find(in: path, logger: logger).sources.map { url, source in
            CheckedRecipe(name: source.name, path: url.relativePath, outcome: check(source), source: source)
        }
    }

    /// Those in `path` that are left out, because others have their names.
    package static func namesakes(in path: String) throws(ServerError) -> [Namesake] {
        try RecipeFolder.find(in: path, logger: Logger(label: "hearth") { _ in SwiftLogNoOpLogHandler() }).namesakes
    }

    /// The names of the recipes in `path` that have a page, whether or not they pass their checks.
    package static func namesWithPage(in path: String) -> [String] {
        let logger = Logger(label: "hearth") { _ in SwiftLogNoOpLogHandler() }
        let sources = (try? RecipeFolder.sources(in: path, logger: logger)) ?? []
        return sources.filter { RecipeFolder.web(of: $0.0) != nil }.map(\.1.name)
    }

    /// The sources of a recipe as it was when it had this hash, without checking them; nil when `path` holds another
    /// version of it, or none.
    package static func source(named name: String, hash: String, in path: String) -> RecipeSource? {
        let logger = Logger(label: "hearth") { _ in SwiftLogNoOpLogHandler() }
        let found = try? RecipeFolder.sources(in: path, logger: logger)
        return found?.first { $0.1.name == name && $0.1.hash == hash }?.1
    }

    /// The sources of the recipe in this folder or file, without checking them; nil when there is none.
    package static func source(at path: String) -> RecipeSource? {
        let logger = Logger(label: "hearth") { _ in SwiftLogNoOpLogHandler() }
        let url = URL(filePath: path)
        let isRecipe = url.pathExtension == "lua" || RecipeFolder.isRecipe(url)
        return isRecipe ? try? RecipeFolder.sources(in: path, logger: logger).first?.1 : nil
    }

    private static func check(_ source: RecipeSource) -> Result<Recipe, RecipeError> {
        do throws(RecipeError) {
            return .success(try RecipeRuntime(source).recipe)
        } catch {
            return .failure(error)
        }
    }

    /// A VM with the recipe in it.
    package func makeRuntime() throws(RecipeError) -> RecipeRuntime {
        try RecipeRuntime(source)
    }
}
