import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

/// A loaded recipe and the VM that runs it: one per recipe version and executor, used for all its rooms.
///
/// It is confined to its executor. Between runs it holds nothing of any room: `state` is emptied after each, the VM is
/// frozen after load, and a VM that crossed a limit is replaced.
package final class RecipeRuntime {
    package let recipe: Recipe
    /// The server's, lowered by what the recipe declares.
    package let limits: RecipeLimits
    let state: RunState
    /// The sources by lines.
    let lines: SourceLines
    /// The VM's handle of each slot.
    var handles: [FunctionHandle]
    private(set) var vm: LuaVM
    /// The handler that ran last, which is mostly the next one too.
    private var latest: HandlerDeclaration?
    /// Where `vm` runs.
    let isolation: RecipeIsolation
    /// The place of the file that returns the declaration.
    private let main: Int
    /// How the VM's process ended in the run under way.
    var loss: LuaLoss?
    /// The VM sets no hook and counts nothing: a benchmark compares with it what limits cost.
    package var runsWithoutLimitsToMeasureThem = false
    /// Milliseconds that an event may run before it is given back unfinished; nil: only its limits end it.
    package var sliceMs: UInt64?
    /// Whether the last run was given back because of `sliceMs`. It has left nothing, as after a failure.
    package internal(set) var isCutShort = false
    /// What the run under way is a function of; derived functions run outside of events and see nothing of either.
    var run = LuaRun(now: 0, seed: 0)
    /// Told after each run that called a function of the recipe: instructions and bytes of output.
    package var meter: ((Entry, UInt64, UInt64) -> Void)?
    /// Sees every run of an event as it ends. For tests of recipes.
    package var observer: ((ObservedRun) -> Void)?
    /// How many VMs crossed a limit, or lost their process, and were replaced.
    package private(set) var vmsReplaced = 0
    /// Runs for events, and the Lua instructions that they used.
    package var runs = 0
    package var instructions: UInt64 = 0

    /// Loads and checks a recipe.
    /// - Parameter main: the place of the file that returns the declaration.
    /// - Throws: ``RecipeError`` with everything that is wrong, each with file, line and what would be right.
    package init(
        _ source: RecipeSource, limits: RecipeLimits = .init(), isolation: RecipeIsolation = .none, main: Int = 0
    ) throws(RecipeError) {
        let loaded = try RecipeLoader.load(source, limits: limits, isolation: isolation, main: main)
        self.isolation = isolation
        self.main = main
        recipe = loaded.recipe
        handles = loaded.handles
        vm = loaded.vm
        self.limits = loaded.limits
        state = RunState(loaded.recipe, loaded.limits)
        lines = SourceLines(loaded.recipe.files)
        adopt()
    }

    private func adopt() {
        vm.host = self
        // Which file it is costs a comparison of names, so it is asked only where there is more than one.
        state.callerPlace =
            recipe.files.count > 1
            ? { [vm] in vm.callerPlace.map { SourcePlace.number(file: $0.file, line: $0.line) } ?? 0 }
            : { [vm] in SourcePlace.number(file: 0, line: vm.callerLine) }
        state.callerText = { [unowned self] in
            self.vm.caller.flatMap { self.lines.text(file: $0.file, line: $0.line) }
        }
    }

    /// Makes a new VM in place of one that crossed a limit. The sources loaded before, so they load again; should memory
    /// be short now, the dead VM stays and the next run tries once more.
    func replaceDeadVM() {
        guard vm.isDead, (try? loadAgain()) != nil else { return }
        vmsReplaced += 1
    }

    private func loadAgain() throws(RecipeError) {
        let source = RecipeSource(name: recipe.name, files: recipe.files)
        let loaded = try RecipeLoader.load(source, limits: limits, isolation: isolation, main: main)
        // A process that was taken over may tell something else each time.
        guard loaded.handles.count == handles.count else {
            throw RecipeError([
                RecipeProblem(
                    file: recipe.files.first?.path ?? "recipe.lua", line: nil,
                    message: "the recipe declared \(loaded.handles.count) functions now and \(handles.count) before")
            ])
        }
        vm = loaded.vm
        handles = loaded.handles
        adopt()
    }

    /// Runs `body` in a VM that no event has run in yet, as after a restart; then the present one goes on.
    ///
    /// - Complexity: that of loading the recipe. Should the sources not load any more, `body` runs in the present VM.
    package func withFreshVM<Result>(_ body: () -> Result) -> Result {
        let present = (vm, handles)
        guard (try? loadAgain()) != nil else { return body() }
        defer {
            (vm, handles) = present
            adopt()
        }
        return body()
    }

    func handler(_ name: String) -> HandlerDeclaration? {
        if let latest, latest.name.isSameString(as: name) { return latest }
        latest = recipe.handlers[name]
        return latest
    }

    /// Calls a function of the recipe.
    func call<Result>(
        _ slot: FunctionSlot, budget: LuaBudget, arguments: (inout LuaWriter) -> Void,
        result: (inout LuaReader) -> Result
    ) throws(LuaError) -> Result {
        // All functions of one event share its budget; between events each call has one of its own.
        let continuing = state.isRunning && state.hasCalled
        state.hasCalled = state.isRunning
        var budget = budget
        let isSliced = state.isRunning && sliceMs.map { budget.milliseconds == 0 || budget.milliseconds > $0 } ?? false
        if isSliced, let sliceMs { budget.milliseconds = sliceMs }
        if runsWithoutLimitsToMeasureThem { budget = .unmetered }
        do throws(LuaError) {
            return try vm.call(
                handles[slot.index], run: run, budget: budget, continuing: continuing, arguments: arguments
            ) { (reader: inout LuaReader) throws(LuaFormatError) in result(&reader) }
        } catch {
            if case .lost(let loss) = error.kind { self.loss = loss }
            if isSliced, case .limit(.time) = error.kind { isCutShort = true }
            throw error
        }
    }

    /// Bytes of the VM's heap now.
    package var memoryUsed: Int { vm.memoryUsed }

    /// Collects garbage. For idle moments.
    package func collectGarbage() { vm.collect() }

    /// Throws the VM away and loads a new one, as a crossed limit would. Rooms must not notice.
    /// - Throws: ``RecipeError`` when the sources do not load any more (out of memory).
    package func discardVM() throws(RecipeError) {
        try loadAgain()
    }
}
