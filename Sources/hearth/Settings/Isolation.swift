import ArgumentParser
import HearthIsolation
import HearthLua
import HearthRecipes
import HearthRooms

/// `--isolate`: where the Lua of recipes runs.
enum Isolation: String, ExpressibleByArgument, CaseIterable {
    /// In the server's own process.
    case none
    /// In a process for each recipe and event loop, without files and network.
    case process

    /// - Parameter limits: what recipes may use; a process has room for the most that one of them may.
    /// - Throws: `CommandFailure` when this system cannot lock processes up.
    func begin(_ limits: LimitSettings) throws -> RecipeIsolation {
        switch self {
        case .none: return .none
        case .process:
            let heaps = limits.recipeNames.map { limits.limits(of: $0).memoryBytes }
            let pool = WorkerPool(luaMemoryBytes: heaps.reduce(limits.recipes.memoryBytes, max))
            do throws(LuaError) {
                try pool.check()
            } catch {
                throw CommandFailure(
                    "--isolate process cannot be had here: \(error.message). It needs Linux on x86-64 or arm64 with "
                        + "seccomp; --isolate none runs recipes in this process.")
            }
            return RecipeIsolation { (_, program: LuaProgram) throws(LuaError) in try pool.open(program) }
        }
    }
}
