import HearthLua
import HearthValues

/// From sources to a checked recipe and the VM that holds its functions.
enum RecipeLoader {
    struct Loaded {
        var recipe: Recipe
        var handles: [FunctionHandle]
        var vm: LuaVM
        /// The server's limits, lowered by what the recipe declares.
        var limits: RecipeLimits
    }

    /// - Parameter main: the place of the file that returns the declaration.
    static func load(
        _ source: RecipeSource, limits: RecipeLimits, isolation: RecipeIsolation, main: Int = 0
    ) throws(RecipeError) -> Loaded {
        let (reader, vm) = try read(source, limits: limits, isolation: isolation, main: main)
        if !reader.problems.isEmpty { throw RecipeError(reader.problems.inOrder) }
        let recipe = Recipe(reader.draft, hash: source.hash, files: source.files)
        return Loaded(recipe: recipe, handles: reader.handles.map { FunctionHandle($0) }, vm: vm, limits: reader.limits)
    }

    /// - Throws: `RecipeError` when nothing can be read of the declaration.
    static func examine(
        _ source: RecipeSource, limits: RecipeLimits, isolation: RecipeIsolation
    ) throws(RecipeError) -> RecipeExamination {
        let (reader, _) = try read(source, limits: limits, isolation: isolation)
        let recipe = Recipe(reader.draft, hash: source.hash, files: source.files)
        let functions = zip(reader.draft.slots, reader.handles).compactMap { slot, handle in
            reader.position(handle).map {
                RecipeExamination.Function(name: slot.name, file: $0.file, line: $0.line)
            }
        }
        return RecipeExamination(recipe: recipe, functions: functions, problems: reader.problems.inOrder)
    }

    private static func read(
        _ source: RecipeSource, limits: RecipeLimits, isolation: RecipeIsolation, main place: Int = 0
    ) throws(RecipeError) -> (DeclarationReader, LuaVM) {
        guard let main = source.files.dropFirst(place).first else {
            throw RecipeError([
                RecipeProblem(file: "recipe.lua", line: nil, message: "the recipe \(source.name) has no files")
            ])
        }
        let vm: LuaVM
        let returned: Declaration
        do throws(LuaError) {
            (vm, returned) = try loadTwiceIfLost(source, main, limits, isolation)
        } catch {
            throw RecipeError([problem(error, main: main.path)])
        }
        var reader = DeclarationReader(files: source.files, limits: limits) { handle in
            vm.position(of: FunctionHandle(handle)).map { ($0.file, $0.line) }
        }
        reader.read(Noted(returned))
        return (reader, vm)
    }

    /// A process that dies while it loads gets one more chance, as an event does.
    private static func loadTwiceIfLost(
        _ source: RecipeSource, _ main: SourceFile, _ limits: RecipeLimits, _ isolation: RecipeIsolation
    ) throws(LuaError) -> (LuaVM, Declaration) {
        do throws(LuaError) {
            return try load(source, main, limits, isolation)
        } catch {
            guard case .lost = error.kind else { throw error }
            return try load(source, main, limits, isolation)
        }
    }

    private static func load(
        _ source: RecipeSource, _ main: SourceFile, _ limits: RecipeLimits, _ isolation: RecipeIsolation
    ) throws(LuaError) -> (LuaVM, Declaration) {
        let name = source.name
        let open = { (program: LuaProgram) throws(LuaError) -> any LuaEngine in try isolation.engine(name, program) }
        let vm = try LuaVM(
            modules: source.files.map { HearthLua.SourceFile(path: $0.path, text: $0.text) }, limits: limits.lua,
            prelude: HearthLua.SourceFile(path: TypesPrelude.moduleName, text: TypesPrelude.text), open: open)
        return (vm, try vm.load(main: HearthLua.SourceFile(path: main.path, text: main.text)))
    }

    private static func problem(_ error: LuaError, main: String) -> RecipeProblem {
        RecipeProblem(
            file: error.file ?? main, line: error.line, message: error.message, source: error.sourceLine)
    }
}

extension [RecipeProblem] {
    /// By file and line, as an editor lists them.
    fileprivate var inOrder: [RecipeProblem] {
        sorted { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) }
    }
}
