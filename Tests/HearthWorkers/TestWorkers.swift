import Foundation
package import HearthIsolation
import HearthLua
package import HearthRecipes

/// Processes for recipes under test: the program `hearth-test-worker`, which lies beside the tests.
package enum TestWorkers {
    /// - Parameter name: `recipe-worker` for one that keeps to the protocol, `hostile-SEED` for one that does not.
    package static func command(_ name: String = WorkerCommand.name) -> WorkerCommand {
        WorkerCommand(path: path, name: name)
    }

    private static let path: String = {
        let beside = [
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), CommandLine.arguments[0],
        ]
        let folders = beside.compactMap { $0 }.map { URL(filePath: $0).deletingLastPathComponent().path }
        let candidates = (folders + [".build/debug"]).map { $0 + "/hearth-test-worker" }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "hearth-test-worker"
    }()

    /// One for all tests that kill nothing of it.
    package static let pool = WorkerPool(command: command(), luaMemoryBytes: 128 << 20)

    package static func isolation(_ pool: WorkerPool = pool) -> RecipeIsolation {
        RecipeIsolation { (_, program: LuaProgram) throws(LuaError) in try pool.open(program) }
    }

    /// Where rooms under test run their recipes: in processes when HEARTH_TEST_ISOLATE is `process`.
    package static let chosen: RecipeIsolation =
        ProcessInfo.processInfo.environment["HEARTH_TEST_ISOLATE"] == "process" ? isolation() : .none
}
