import HearthRecipes
import NIOConcurrencyHelpers

/// A runtime on its way from where it was loaded to the event loop that is to use it.
final class RuntimeParcel: @unchecked Sendable {
    // @unchecked because whoever loaded it lets go of it here, and only the event loop takes it out, once.
    let recipe: Recipe
    private var runtime: RecipeRuntime?
    private let lock = NIOLock()

    init(_ runtime: RecipeRuntime) {
        recipe = runtime.recipe
        self.runtime = runtime
    }

    /// - Returns: nil when it was taken before.
    func take() -> RecipeRuntime? {
        lock.withLock {
            defer { runtime = nil }
            return runtime
        }
    }
}
