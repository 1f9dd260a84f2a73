/// A sandboxed Lua VM with budgets. It knows neither cells nor rooms: what they need goes through its `LuaHost`.
///
/// A VM is confined to one thread at a time. It holds no state between runs: module tables are read-only after load, and
/// a run that changes a shared variable fails. A VM that crossed a limit is dead; its owner makes a new one.
///
/// Mutable state: `arguments[d]` is written only by the call that opens depth d; the rest is the engine's.
package final class LuaVM {
    package let files: [SourceFile]
    package let limits: LuaLimits
    private let engine: any LuaEngine
    private let arguments: UnsafeMutablePointer<LuaWriter>

    /// Opens a VM and compiles `modules`, each under its `moduleName`.
    ///
    /// - Parameters:
    ///   - prelude, library: see `LuaProgram`.
    ///   - open: where it runs; in this process when nothing else is said.
    /// - Throws: a syntax error of a module, or `.limit(.memory)` when the sandbox itself does not fit.
    package init(
        modules: [SourceFile], limits: LuaLimits = .init(), host: (any LuaHost)? = nil, prelude: SourceFile? = nil,
        library: [SourceFile] = [], open: LuaEngineMaker? = nil
    ) throws(LuaError) {
        let size = modules.reduce(0) { $0 + $1.text.utf8.count }
        if limits.sourceBytes != 0, size > limits.sourceBytes {
            throw LuaError(
                .syntax, "the sources have \(size) bytes, more than the \(limits.sourceBytes) that a recipe may have",
                file: modules.first?.path)
        }
        let program = LuaProgram(modules: modules, limits: limits, prelude: prelude, library: library)
        if let open { engine = try open(program) } else { engine = try BridgeEngine(program) }
        files = modules
        self.limits = limits
        arguments = .allocate(capacity: BridgeEngine.depthMax)
        for depth in 0..<BridgeEngine.depthMax { (arguments + depth).initialize(to: LuaWriter(capacity: 64)) }
        engine.host = host
    }

    deinit {
        arguments.deinitialize(count: BridgeEngine.depthMax)
        arguments.deallocate()
    }

    /// Answers host operations. Not retained: the host usually owns the VM.
    package var host: (any LuaHost)? {
        get { engine.host }
        set { engine.host = newValue }
    }

    /// Runs `main` and reads out what it returns. Afterwards all tables that can be reached from it are read-only.
    package func load(main: SourceFile, run: LuaRun = .init(now: 0, seed: 0)) throws(LuaError) -> Declaration {
        try load(module: main.moduleName, run: run)
    }

    package func load(module: String, run: LuaRun = .init(now: 0, seed: 0)) throws(LuaError) -> Declaration {
        var reader = LuaReader(try engine.load(module: module, run: run))
        do throws(LuaFormatError) {
            return try Declaration(from: &reader, in: self)
        } catch {
            throw LuaError(.host, "the declaration could not be read: \(error)")
        }
    }

    /// Calls `function`. May be called from inside `LuaHost.call`: such a call shares the budget, the clock and the
    /// nodes of the run around it.
    ///
    /// - Parameters:
    ///   - continuing: goes on with what the call before left of its budget; `budget` is not looked at.
    ///   - arguments: writes the arguments, one item after another.
    ///   - result: reads what the function returned, one item; the reader must not escape.
    /// - Throws: what the Lua code, the host or a limit raised; `.lost` when the VM's process is gone.
    package func call<Result>(
        _ function: FunctionHandle, run: LuaRun, budget: LuaBudget = .init(), continuing: Bool = false,
        arguments write: (inout LuaWriter) -> Void, result read: (inout LuaReader) throws(LuaFormatError) -> Result
    ) throws(LuaError) -> Result {
        let depth = min(engine.depth, BridgeEngine.depthMax - 1)
        (arguments + depth).pointee.clear()
        write(&(arguments + depth).pointee)
        var reader = LuaReader(
            try engine.call(
                function, (arguments + depth).pointee.bytes, run: run, budget: budget, continuing: continuing))
        do throws(LuaFormatError) {
            return try read(&reader)
        } catch {
            throw LuaError(.host, "what the function returned could not be read: \(error)")
        }
    }

    /// Where the recipe code stands that made the host call under way.
    package var caller: LuaPosition? {
        callerPlace.map { LuaPosition(file: files[$0.file].path, line: $0.line) }
    }

    /// The line of `caller` alone: cheap enough for every read. 0 when unknown.
    package var callerLine: Int { engine.callerLine }

    /// `caller` by numbers: the place of its file in `files`, and the line. Makes no strings, for every read of a recipe with
    /// more than one file. Nil when unknown.
    package var callerPlace: (file: Int, line: Int)? { engine.callerPlace }

    /// Where a function of the declaration is defined.
    package func position(of function: FunctionHandle) -> LuaPosition? { engine.position(of: function) }

    /// Charged to the last run, or so far to the one under way.
    package var instructionsUsed: UInt64 { engine.usage.instructions }
    package var outputUsed: UInt64 { engine.usage.outputBytes }
    /// Bytes of the Lua heap now.
    package var memoryUsed: Int { engine.usage.memoryBytes }
    /// The most it held during the last run.
    package var memoryPeak: Int { engine.usage.memoryPeakBytes }
    /// Whether a limit was crossed, or its process is gone: the VM must be replaced.
    package var isDead: Bool { engine.isDead }

    /// Collects garbage now. For idle moments.
    package func collect() { engine.collect() }

    /// Makes the `count`-th allocation from now and all after it fail; negative: none. For tests of one process.
    package func failAllocations(after count: Int) { engine.failAllocations(after: count) }
    /// Allocations so far. For tests.
    package var allocations: UInt64 { engine.usage.allocations }
}
