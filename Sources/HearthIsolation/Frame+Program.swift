package import HearthLua

/// How programs, budgets and runs are written into messages.
extension FrameWriter {
    package mutating func put(_ program: LuaProgram) {
        put(UInt64(program.limits.memoryBytes))
        put(UInt64(program.limits.sourceBytes))
        put(program.limits.load)
        put(UInt32(program.modules.count))
        for module in program.modules { put(module) }
        put(program.prelude != nil)
        if let prelude = program.prelude { put(prelude) }
        put(UInt32(program.library.count))
        for module in program.library { put(module) }
    }

    package mutating func put(_ file: SourceFile) {
        put(file.path)
        put(file.text)
    }

    package mutating func put(_ budget: LuaBudget) {
        for number in [
            budget.instructions, budget.milliseconds, budget.outputBytes, budget.memoryBytes, budget.stringBytes,
            budget.coroutines, budget.coroutineDepth, budget.patternSteps,
        ] {
            put(number)
        }
    }

    package mutating func put(_ run: LuaRun) {
        put(run.now)
        put(run.seed)
    }

    package mutating func put(_ usage: LuaUsage) {
        put(usage.instructions)
        put(usage.outputBytes)
        put(UInt64(usage.memoryBytes))
        put(UInt64(usage.memoryPeakBytes))
        put(usage.allocations)
    }
}

extension FrameReader {
    package mutating func takeProgram() throws(FrameFault) -> LuaProgram {
        let memory = Int(clamping: try take(UInt64.self))
        let source = Int(clamping: try take(UInt64.self))
        let limits = LuaLimits(memoryBytes: memory, sourceBytes: source, load: try takeBudget())
        let modules = try takeFiles()
        let prelude = try takeFlag() ? try takeFile() : nil
        return LuaProgram(modules: modules, limits: limits, prelude: prelude, library: try takeFiles())
    }

    private mutating func takeFiles() throws(FrameFault) -> [SourceFile] {
        var files: [SourceFile] = []
        for _ in 0..<(try take(UInt32.self)) { files.append(try takeFile()) }
        return files
    }

    private mutating func takeFile() throws(FrameFault) -> SourceFile {
        SourceFile(path: try takeText(), text: try takeText())
    }

    package mutating func takeBudget() throws(FrameFault) -> LuaBudget {
        LuaBudget(
            instructions: try take(UInt64.self), milliseconds: try take(UInt64.self),
            outputBytes: try take(UInt64.self), memoryBytes: try take(UInt64.self), stringBytes: try take(UInt64.self),
            coroutines: try take(UInt64.self), coroutineDepth: try take(UInt64.self),
            patternSteps: try take(UInt64.self))
    }

    package mutating func takeRun() throws(FrameFault) -> LuaRun {
        LuaRun(now: try take(Int64.self), seed: try take(UInt64.self))
    }

    package mutating func takeUsage() throws(FrameFault) -> LuaUsage {
        var usage = LuaUsage()
        usage.instructions = try takeAmount()
        usage.outputBytes = try takeAmount()
        usage.memoryBytes = Int(try takeAmount())
        usage.memoryPeakBytes = Int(try takeAmount())
        usage.allocations = try takeAmount()
        return usage
    }

    /// What is added to other amounts must not overflow, whoever sent it.
    private mutating func takeAmount() throws(FrameFault) -> UInt64 {
        let amount = try take(UInt64.self)
        guard amount < 1 << 48 else { throw FrameFault("an amount of \(amount)") }
        return amount
    }
}
