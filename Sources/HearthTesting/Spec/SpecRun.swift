package import HearthLua
package import HearthRecipes
package import HearthRooms
import HearthValues

/// Runs one spec file in a Lua VM of its own.
package struct SpecRun {
    package struct Options: Sendable {
        /// Only tests whose full name has this in it run.
        package var filter: String?
        /// Wins over the seeds that the spec gives `explore`; nil: those of the spec.
        package var seed: Int64?
        /// How long the file may take, in milliseconds.
        package var timeoutMs: UInt64 = 300_000
        package var memoryBytes = 1 << 30
        /// Where recipes run; the spec itself always runs in this process.
        package var isolation = RecipeIsolation.none
        /// Takes note of what recipes do.
        package var ledger: SpecLedger?
        /// What recipes and rooms may use; a spec itself is not held to them.
        package var limits = LimitSettings()

        package init() {}
    }

    /// The spec's file as results name it.
    package var path: String
    package var text: String
    package var options: Options
    /// The recipe of a name, first looked for beside the spec.
    package var recipe: (String) throws -> RecipeSource
    /// Told of each test as it begins and as it ends.
    package var onBegin: ([String]) -> Void = { _ in }
    package var onResult: (SpecResult) -> Void = { _ in }
    /// What the spec prints.
    package var onPrint: (String) -> Void = { _ in }

    package init(
        path: String, text: String, options: Options = Options(), recipe: @escaping (String) throws -> RecipeSource
    ) {
        self.path = path
        self.text = text
        self.options = options
        self.recipe = recipe
    }

    /// - Throws: why the file could not be read or run to its end: a syntax error, an error outside of tests, a limit.
    package func run() throws(LuaError) {
        let host = SpecHost(self)
        let spec = HearthLua.SourceFile(path: path, text: text)
        let main = HearthLua.SourceFile(
            path: "hearth_test_main.lua",
            text: "require('hearth.spec').run(function() require(\(JSON.text(.string(spec.moduleName)))) end)")
        let limits = LuaLimits(
            memoryBytes: options.memoryBytes, sourceBytes: 0,
            // A whole file of specs is one load: what limits an event does not fit it.
            load: LuaBudget(
                instructions: 0, milliseconds: options.timeoutMs, outputBytes: 0, memoryBytes: 0, stringBytes: 0,
                coroutines: 0, patternSteps: 0))
        let vm = try LuaVM(
            modules: [spec, main], limits: limits, host: host, prelude: SpecLibrary.prelude,
            library: SpecLibrary.modules)
        do throws(LuaError) {
            _ = try vm.load(main: main, run: LuaRun(now: SimulatedRoom.firstMoment, seed: 1))
        } catch {
            host.fail(error)
            throw error.file == main.path ? LuaError(error.kind, error.message, traceback: error.traceback) : error
        }
    }

    /// `chat` of `Recipes/chat/chat_spec.lua`.
    var recipeName: String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix("_spec.lua") ? String(file.dropLast("_spec.lua".count)) : file
    }

    func line(_ number: Int) -> String? { HearthLua.SourceFile(path: path, text: text).line(number) }
}

/// The Lua part of the spec runner, compiled into the binary.
enum SpecLibrary {
    static let prelude = HearthLua.SourceFile(path: "hearth.spec", text: text(PackageResources.spec_lua))

    /// In an order in which each finds what it requires; that they are trusted keeps them out of positions.
    static let modules =
        [
            ("host", PackageResources.host_lua), ("values", PackageResources.values_lua),
            ("chance", PackageResources.chance_lua), ("assertions", PackageResources.assertions_lua),
            ("views", PackageResources.views_lua), ("rooms", PackageResources.rooms_lua),
            ("schedule", PackageResources.schedule_lua), ("aftermath", PackageResources.aftermath_lua),
            ("explore", PackageResources.explore_lua),
            ("suites", PackageResources.suites_lua),
        ].map { HearthLua.SourceFile(path: "hearth/spec/\($0.0).lua", text: text($0.1)) }
        + [HearthLua.SourceFile(path: TypesPrelude.moduleName, text: TypesPrelude.text)]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
