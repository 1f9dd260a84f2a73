internal import CLuaBridge

/// A VM in this process, run by the C bridge.
///
/// Mutable state: `vm` belongs to the C bridge, which runs everything that can raise inside protected calls;
/// `replies[d]` is written only by the host call at depth d.
package final class BridgeEngine: LuaEngine {
    package unowned var host: (any LuaHost)?
    private let files: [SourceFile]
    /// The paths of `files` as C has them.
    private let paths: [ContiguousArray<CChar>]
    private let limits: LuaLimits
    private let coverage: LineCoverage?
    private var vm: OpaquePointer?
    private let replies: UnsafeMutablePointer<LuaWriter>
    /// Calls within calls, and one more.
    package static let depthMax = Int(BRIDGE_DEPTH_MAX) + 1

    /// Opens a VM and compiles the program's modules.
    /// - Parameter coverage: counts the lines that run, in the files that it was made for.
    /// - Throws: a syntax error of a module, `.limit(.memory)` when the sandbox itself does not fit, or `.runtime` when the
    ///   process has a Lua that recipes may not run on.
    package init(_ program: LuaProgram, coverage: LineCoverage? = nil) throws(LuaError) {
        files = program.modules
        self.coverage = coverage
        paths = program.modules.map(\.path.utf8CString)
        limits = program.limits
        replies = .allocate(capacity: Self.depthMax)
        for depth in 0..<Self.depthMax { (replies + depth).initialize(to: LuaWriter(capacity: 64)) }
        guard bridge_is_fit(bridge_lua()) else {
            let words = String(cString: bridge_lua()).split(separator: " ").dropFirst().prefix(2)
            throw LuaError(
                .runtime,
                "\(words.joined(separator: " ")) has faults that no sandbox closes off: install 5.4.4 or newer")
        }
        vm = bridge_open(limits.memoryBytes, hostTrampoline, Unmanaged.passUnretained(self).toOpaque())
        guard vm != nil else {
            throw LuaError(.limit(.memory), "the memory budget of \(limits.memoryBytes) bytes is too little for a VM")
        }
        if let coverage { bridge_cover(vm, coverage.table.baseAddress, coverage.table.count) }
        for source in program.library { try add(source, name: source.moduleName, trusted: true) }
        if let prelude = program.prelude {
            try add(prelude, name: prelude.path, trusted: true)
            try check { bridge_add_globals(vm, prelude.path, &$0) }
        }
        for module in program.modules { try add(module, name: module.moduleName, trusted: false) }
    }

    deinit {
        bridge_close(vm)
        replies.deinitialize(count: Self.depthMax)
        replies.deallocate()
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

    package func load(module: String, run: LuaRun) throws(LuaError) -> UnsafeRawBufferPointer {
        var run = bridge_run(now: run.now, seed: run.seed, continues: false)
        var budget = bridge_budget(limits.load)
        return try check { bridge_load(vm, module, &run, &budget, &$0) }
    }

    package func call(
        _ function: FunctionHandle, _ arguments: UnsafeRawBufferPointer, run: LuaRun, budget: LuaBudget,
        continuing: Bool
    ) throws(LuaError) -> UnsafeRawBufferPointer {
        var run = bridge_run(now: run.now, seed: run.seed, continues: continuing)
        var budget = bridge_budget(budget)
        return try check {
            bridge_call(
                vm, function.number, arguments.baseAddress?.assumingMemoryBound(to: UInt8.self), arguments.count, &run,
                &budget, &$0)
        }
    }

    package var depth: Int { bridge_depth(vm) }

    package var callerLine: Int {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        return bridge_caller(vm, &file, &line) ? Int(line) : 0
    }

    package var callerPlace: (file: Int, line: Int)? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard bridge_caller(vm, &file, &line), let file else { return nil }
        // Both end with a zero, so the first difference comes before either ends.
        let found = paths.firstIndex { path in path.indices.allSatisfy { path[$0] == file[$0] } }
        return found.map { ($0, Int(line)) }
    }

    package func position(of function: FunctionHandle) -> LuaPosition? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard bridge_function_position(vm, function.number, &file, &line), let file else { return nil }
        return LuaPosition(file: String(cString: file), line: Int(line))
    }

    package var usage: LuaUsage {
        var usage = LuaUsage()
        usage.instructions = bridge_instructions_used(vm)
        usage.outputBytes = bridge_output_used(vm)
        usage.memoryBytes = bridge_memory_used(vm)
        usage.memoryPeakBytes = bridge_memory_peak(vm)
        usage.allocations = bridge_allocations(vm)
        return usage
    }

    package var isDead: Bool { bridge_is_dead(vm) }
    package func collect() { bridge_collect(vm) }
    package func failAllocations(after count: Int) { bridge_fail_allocations(vm, Int64(count)) }

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

/// The one way from C into Swift: looks up the engine, exchanges bytes, returns.
private func hostTrampoline(
    context: UnsafeMutableRawPointer?, operation: UInt32, node: UInt32, bytes: UnsafePointer<UInt8>?, length: Int,
    reply: UnsafeMutablePointer<bridge_reply>?
) -> Int32 {
    guard let context, let reply else { return LuaStatus.error.rawValue }
    let engine = Unmanaged<BridgeEngine>.fromOpaque(context).takeUnretainedValue()
    return engine.answer(operation, node, UnsafeRawBufferPointer(start: bytes, count: length), &reply.pointee)
}

extension bridge_budget {
    fileprivate init(_ budget: LuaBudget) {
        self.init(
            instructions: budget.instructions, nanoseconds: budget.milliseconds * 1_000_000,
            output_bytes: budget.outputBytes, memory_bytes: budget.memoryBytes, string_bytes: budget.stringBytes,
            coroutines: budget.coroutines, coroutine_depth: budget.coroutineDepth, pattern_steps: budget.patternSteps,
            wall_time: budget.countsWaiting, unmetered: !budget.isMetered)
    }
}
