internal import CLuaBridge

/// A sandboxed Lua VM with budgets. It knows neither cells nor rooms: what they need goes through its `LuaHost`.
///
/// A VM is confined to one thread at a time. It holds no state between runs: module tables are read-only after load, and
/// a run that changes a shared variable fails. A VM that crossed a limit is dead; its owner makes a new one.
///
/// Mutable state: `vm` belongs to the C bridge, which runs everything that can raise inside protected calls;
/// `replies[d]` is written only by the host call at depth d; `arguments[d]` only by the call that opens depth d.
package final class LuaVM {
    /// Answers host operations. Not retained: the host usually owns the VM.
    package unowned var host: (any LuaHost)?
    package let files: [SourceFile]
    /// The paths of `files` as C has them.
    private let paths: [ContiguousArray<CChar>]
    package let limits: LuaLimits

    private var vm: OpaquePointer?
    private let replies: UnsafeMutablePointer<LuaWriter>
    private let arguments: UnsafeMutablePointer<LuaWriter>
    private static let depthMax = Int(BRIDGE_DEPTH_MAX) + 1

    /// Opens a VM and compiles `modules`, each under its `moduleName`.
    ///
    /// - Parameter prelude: a trusted chunk run now; the fields of the table it returns become globals. It gets
    ///   `{call = function(operation, node, ...), position = ..., complain = ...}` as `...`.
    /// - Parameter library: further trusted chunks, for the prelude to require.
    /// - Throws: a syntax error of a module, or `.limit(.memory)` when the sandbox itself does not fit.
    package init(
        modules: [SourceFile], limits: LuaLimits = .init(), host: (any LuaHost)? = nil, prelude: SourceFile? = nil,
        library: [SourceFile] = []
    ) throws(LuaError) {
        let size = modules.reduce(0) { $0 + $1.text.utf8.count }
        if limits.sourceBytes != 0, size > limits.sourceBytes {
            throw LuaError(
                .syntax, "the sources have \(size) bytes, more than the \(limits.sourceBytes) that a recipe may have",
                file: modules.first?.path)
        }
        files = modules
        paths = modules.map(\.path.utf8CString)
        self.limits = limits
        self.host = host
        replies = .allocate(capacity: Self.depthMax)
        arguments = .allocate(capacity: Self.depthMax)
        for depth in 0..<Self.depthMax {
            (replies + depth).initialize(to: LuaWriter(capacity: 64))
            (arguments + depth).initialize(to: LuaWriter(capacity: 64))
        }
        vm = bridge_open(limits.memoryBytes, hostTrampoline, Unmanaged.passUnretained(self).toOpaque())
        guard vm != nil else {
            throw LuaError(.limit(.memory), "the memory budget of \(limits.memoryBytes) bytes is too little for a VM")
        }
        try add(SourceFile(path: "hearth.types", text: typesPrelude), name: "hearth.types", trusted: true)
        for source in library { try add(source, name: source.moduleName, trusted: true) }
        if let prelude {
            try add(prelude, name: prelude.path, trusted: true)
            try check { bridge_add_globals(vm, prelude.path, &$0) }
        }
        for module in modules { try add(module, name: module.moduleName, trusted: false) }
    }

    deinit {
        bridge_close(vm)
        replies.deinitialize(count: Self.depthMax)
        replies.deallocate()
        arguments.deinitialize(count: Self.depthMax)
        arguments.deallocate()
    }

    private func add(_ source: SourceFile, name: String, trusted: Bool) throws(LuaError) {
        var text = source.text
        try check { outcome in
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    bridge_add_module(
                        vm, name, source.path, characters.baseAddress ?? emptyText, characters.count, trusted,
                        limits.load.milliseconds * 1_000_000, &outcome)
                }
            }
        }
    }

    /// Runs an entry of the bridge and turns a bad outcome into an error.
    @discardableResult
    private func check(_ entry: (inout bridge_outcome) -> Void) throws(LuaError) -> UnsafeRawBufferPointer {
        var outcome = bridge_outcome()
        entry(&outcome)
        guard outcome.status == Int32(BRIDGE_OK.rawValue) else { throw LuaError(outcome, files: files) }
        return UnsafeRawBufferPointer(start: outcome.bytes, count: outcome.length)
    }

    /// Runs `main` and reads out what it returns. Afterwards all tables that can be reached from it are read-only.
    package func load(main: SourceFile, run: LuaRun = .init(now: 0, seed: 0)) throws(LuaError) -> Declaration {
        try load(module: main.moduleName, run: run)
    }

    package func load(module: String, run: LuaRun = .init(now: 0, seed: 0)) throws(LuaError) -> Declaration {
        var run = bridge_run(now: run.now, seed: run.seed, continues: false)
        var budget = bridge_budget(limits.load)
        let bytes = try check { bridge_load(vm, module, &run, &budget, &$0) }
        var reader = LuaReader(bytes)
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
    /// - Throws: what the Lua code, the host or a limit raised.
    package func call<Result>(
        _ function: FunctionHandle, run: LuaRun, budget: LuaBudget = .init(), continuing: Bool = false,
        arguments write: (inout LuaWriter) -> Void, result read: (inout LuaReader) throws(LuaFormatError) -> Result
    ) throws(LuaError) -> Result {
        let depth = min(bridge_depth(vm), Self.depthMax - 1)
        (arguments + depth).pointee.clear()
        write(&(arguments + depth).pointee)
        let sent = (arguments + depth).pointee.bytes
        var run = bridge_run(now: run.now, seed: run.seed, continues: continuing)
        var budget = bridge_budget(budget)
        let bytes = try check {
            bridge_call(
                vm, function.number, sent.baseAddress?.assumingMemoryBound(to: UInt8.self), sent.count, &run, &budget,
                &$0)
        }
        var reader = LuaReader(bytes)
        do throws(LuaFormatError) {
            return try read(&reader)
        } catch {
            throw LuaError(.host, "what the function returned could not be read: \(error)")
        }
    }

    /// Where the recipe code stands that made the host call under way.
    package var caller: LuaPosition? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard bridge_caller(vm, &file, &line), let file else { return nil }
        return LuaPosition(file: String(cString: file), line: Int(line))
    }

    /// The line of `caller` alone: cheap enough for every read. 0 when unknown.
    package var callerLine: Int {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        return bridge_caller(vm, &file, &line) ? Int(line) : 0
    }

    /// `caller` by numbers: the place of its file in `files`, and the line. Makes no strings, for every read of a recipe with
    /// more than one file. Nil when unknown.
    package var callerPlace: (file: Int, line: Int)? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard bridge_caller(vm, &file, &line), let file else { return nil }
        // Both end with a zero, so the first difference comes before either ends.
        let found = paths.firstIndex { path in path.indices.allSatisfy { path[$0] == file[$0] } }
        return found.map { ($0, Int(line)) }
    }

    /// Where a function of the declaration is defined.
    package func position(of function: FunctionHandle) -> LuaPosition? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard bridge_function_position(vm, function.number, &file, &line), let file else { return nil }
        return LuaPosition(file: String(cString: file), line: Int(line))
    }

    /// Charged to the last run, or so far to the one under way.
    package var instructionsUsed: UInt64 { bridge_instructions_used(vm) }
    package var outputUsed: UInt64 { bridge_output_used(vm) }
    /// Bytes of the Lua heap now.
    package var memoryUsed: Int { bridge_memory_used(vm) }
    /// The most it held during the last run.
    package var memoryPeak: Int { bridge_memory_peak(vm) }
    /// Whether a limit was crossed: the VM must be replaced.
    package var isDead: Bool { bridge_is_dead(vm) }
    /// Collects garbage now. For idle moments.
    package func collect() { bridge_collect(vm) }

    /// Makes the `count`-th allocation from now and all after it fail; negative: none. For tests.
    package func failAllocations(after count: Int) { bridge_fail_allocations(vm, Int64(count)) }
    /// Allocations so far. For tests.
    package var allocations: UInt64 { bridge_allocations(vm) }

    fileprivate func answer(
        _ operation: UInt32, _ node: UInt32, _ bytes: UnsafeRawBufferPointer, _ reply: inout bridge_reply
    ) -> Int32 {
        let depth = min(bridge_depth(vm), Self.depthMax - 1)
        (replies + depth).pointee.clear()
        var reader = LuaReader(bytes)
        let status: LuaStatus
        if let host {
            status = host.call(operation, node, &reader, &(replies + depth).pointee)
        } else {
            (replies + depth).pointee.write("there is no host for this operation")
            status = .error
        }
        let written = (replies + depth).pointee.bytes
        reply.bytes = written.baseAddress?.assumingMemoryBound(to: UInt8.self)
        reply.length = written.count
        return status.rawValue
    }
}

// Safe from every thread: it is never written to and never freed.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.initialize(to: 0)
    return UnsafePointer(text)
}()

/// The one way from C into Swift: looks up the VM, exchanges bytes, returns.
private func hostTrampoline(
    context: UnsafeMutableRawPointer?, operation: UInt32, node: UInt32, bytes: UnsafePointer<UInt8>?, length: Int,
    reply: UnsafeMutablePointer<bridge_reply>?
) -> Int32 {
    guard let context, let reply else { return LuaStatus.error.rawValue }
    let vm = Unmanaged<LuaVM>.fromOpaque(context).takeUnretainedValue()
    return vm.answer(operation, node, UnsafeRawBufferPointer(start: bytes, count: length), &reply.pointee)
}

extension bridge_budget {
    fileprivate init(_ budget: LuaBudget) {
        self.init(
            instructions: budget.instructions, nanoseconds: budget.milliseconds * 1_000_000,
            output_bytes: budget.outputBytes, memory_bytes: budget.memoryBytes, string_bytes: budget.stringBytes,
            coroutines: budget.coroutines, coroutine_depth: budget.coroutineDepth, pattern_steps: budget.patternSteps)
    }
}
