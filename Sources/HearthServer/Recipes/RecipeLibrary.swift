import HearthRecipes
import HearthRooms
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
        /// The recipe's folder or file.
        var path = ""
        /// Rises with every version that the server takes up.
        var generation: UInt64 = 0
        /// After a rollback the hash of what lies in the folder and is not to run; nil: what lies there runs.
        var shadows: String?

        init(source: RecipeSource, recipe: Recipe, web: String?, path: String, shadows: String? = nil) {
            self.source = source
            self.recipe = recipe
            self.web = web
            self.path = path
            self.shadows = shadows
        }
    }

    private struct State {
        var entries: [String: Entry]
        /// Rooms that run another version than the rest, to try it.
        var canaries: [String: Entry] = [:]
        var generation: UInt64 = 0
        /// Recipes whose files are gone, and which have been told of.
        var missing: Set<String> = []
    }

    /// Whether a socket may make the room that it asks for.
    let autoCreate: Bool
    let isolation: RecipeIsolation
    let limits: LimitSettings
    private let state: Mutex<State>

    init(entries: [Entry], autoCreate: Bool, isolation: RecipeIsolation = .none, limits: LimitSettings = .init()) {
        self.autoCreate = autoCreate
        self.isolation = isolation
        self.limits = limits
        state = Mutex(
            State(
                entries: Dictionary(entries.map { ($0.source.name, $0) }, uniquingKeysWith: { first, _ in first })))
    }

    /// From now on new rooms, and those that wake, run this version; or only one room does.
    ///
    /// - Returns: the entry with its generation.
    func take(_ entry: Entry, canary: String?) -> Entry {
        state.withLock { state in
            state.generation += 1
            var entry = entry
            entry.generation = state.generation
            if let canary {
                state.canaries[canary] = entry
            } else {
                state.entries[entry.source.name] = entry
                state.canaries = state.canaries.filter { $0.value.source.name != entry.source.name }
                state.missing.remove(entry.source.name)
            }
            return entry
        }
    }

    /// The recipes that are not among those found, each once. They stay: their rooms go on.
    func takeMissing(_ found: Set<String>) -> [Entry] {
        state.withLock { state in
            state.missing.subtract(found)
            let gone = state.entries.values.filter {
                !found.contains($0.source.name) && state.missing.insert($0.source.name).inserted
            }
            return gone.sorted { $0.source.name < $1.source.name }
        }
    }

    /// Whether the files of a recipe are gone: its rooms go on, and there are no new ones.
    func isMissing(_ name: String) -> Bool { state.withLock { $0.missing.contains(name) } }

    /// In order of their names.
    var names: [String] { state.withLock { $0.entries.keys.sorted() } }

    func entry(named name: String) -> Entry? { state.withLock { $0.entries[name] } }

    /// The version that a room runs when it wakes.
    func entry(named name: String, room: String) -> Entry? {
        state.withLock { state in
            if let canary = state.canaries[room], canary.source.name == name { return canary }
            return state.entries[name]
        }
    }

    /// A VM of its own for the calling executor.
    /// - Throws: `Refusal` when there is no such recipe or it cannot be run.
    func makeRuntime(of entry: Entry) throws -> RecipeRuntime {
        let name = entry.source.name
        do throws(RecipeError) {
            return try RecipeRuntime(entry.source, limits: limits.limits(of: name), isolation: isolation)
        } catch {
            throw Refusal(
                statusCode: 503, code: "recipe_unavailable",
                message: "the recipe \"\(name)\" cannot be run: \(error.message)")
        }
    }
}
