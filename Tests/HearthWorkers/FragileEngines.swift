package import HearthLua
package import HearthRecipes

/// Engines in this process that die as a recipe's process would: when they were told to, after the call that they were
/// asked for has done all that it does.
package final class FragileEngines {
    /// How the next calls end, one after the other; nil: as they should.
    package var losses: [LuaLoss?] = []
    package private(set) var opened = 0

    package init() {}

    // Confined to the thread of the one test that made it, as the room is.
    package var isolation: RecipeIsolation {
        nonisolated(unsafe) let engines = self
        return RecipeIsolation { (_, program: LuaProgram) throws(LuaError) in
            engines.opened += 1
            return FragileEngine(try BridgeEngine(program), engines)
        }
    }

    fileprivate func nextLoss() -> LuaLoss? { losses.isEmpty ? nil : losses.removeFirst() }
}

private final class FragileEngine: LuaEngine {
    private let inner: BridgeEngine
    private let engines: FragileEngines
    private var isLost = false

    init(_ inner: BridgeEngine, _ engines: FragileEngines) {
        self.inner = inner
        self.engines = engines
    }

    var host: (any LuaHost)? {
        get { inner.host }
        set { inner.host = newValue }
    }

    func load(module: String, run: LuaRun) throws(LuaError) -> UnsafeRawBufferPointer {
        try inner.load(module: module, run: run)
    }

    func call(
        _ function: FunctionHandle, _ arguments: UnsafeRawBufferPointer, run: LuaRun, budget: LuaBudget,
        continuing: Bool
    ) throws(LuaError) -> UnsafeRawBufferPointer {
        if isLost { throw LuaError(.dead, "lost") }
        let outcome = Result { () throws(LuaError) in
            try inner.call(function, arguments, run: run, budget: budget, continuing: continuing)
        }
        if let loss = engines.nextLoss() {
            isLost = true
            throw LuaError(.lost(loss), loss.description)
        }
        return try outcome.get()
    }

    var depth: Int { inner.depth }
    var callerPlace: (file: Int, line: Int)? { inner.callerPlace }
    var callerLine: Int { inner.callerLine }
    func position(of function: FunctionHandle) -> LuaPosition? { inner.position(of: function) }
    var usage: LuaUsage { inner.usage }
    var isDead: Bool { isLost || inner.isDead }
    func collect() { inner.collect() }
    func failAllocations(after count: Int) { inner.failAllocations(after: count) }
}
