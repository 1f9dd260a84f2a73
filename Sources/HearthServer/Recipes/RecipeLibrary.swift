import HearthRecipes
import HearthValues
import Logging
import Synchronization

/// The recipes that a server runs, and where their web files lie. Safe from every thread.
final class RecipeLibrary: Sendable {
    /// One recipe that has been checked.
    struct Entry: Sendable {
        let source: RecipeSource
        let recipe: Recipe
        /// The folder with the recipe's web files; nil when it has none.
        let web: String?
    }

    /// Whether a socket may make the room that it asks for.
    let autoCreate: Bool
    private let isolation: RecipeIsolation
    private let entries: Mutex<[String: Entry]>

    init(entries: [Entry], autoCreate: Bool, isolation: RecipeIsolation = .none) {
        self.autoCreate = autoCreate
        self.isolation = isolation
        self.entries = Mutex(
            Dictionary(entries.map { ($0.source.name, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// In order of their names.
    var names: [String] { entries.withLock { $0.keys.sorted() } }

    func entry(named name: String) -> Entry? { entries.withLock { $0[name] } }

    /// A VM of its own for the calling executor.
    /// - Throws: `Refusal` when there is no such recipe or it cannot be run.
    func makeRuntime(of name: String) throws -> RecipeRuntime {
        guard let entry = entry(named: name) else { throw Refusal.noRecipe(name, known: names) }
        do throws(RecipeError) {
            return try RecipeRuntime(entry.source, isolation: isolation)
        } catch {
            throw Refusal(
                statusCode: 503, code: "recipe_unavailable",
                message: "the recipe \"\(name)\" cannot be run: \(error.message)")
        }
    }
}
