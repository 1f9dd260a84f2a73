/// What runs the Lua of a VM: in this process, or in one of its own. Everything crosses as flat bytes.
///
/// An engine is confined to one thread at a time, as the VM that owns it.
package protocol LuaEngine: AnyObject {
    /// Answers host operations. Not retained: the host usually owns the VM.
    var host: (any LuaHost)? { get set }

    /// Runs a module and reads out what it returns, one item. Afterwards all tables that can be reached from it are
    /// read-only.
    /// - Returns: bytes that stay valid until the engine is entered again.
    func load(module: String, run: LuaRun) throws(LuaError) -> UnsafeRawBufferPointer

    /// Calls a function with the items in `arguments`; what it returned, one item. May be called from inside
    /// `LuaHost.call`: such a call shares the budget, the clock and the nodes of the run around it.
    ///
    /// - Parameter arguments: bytes that stay valid, and the same, until this returns.
    /// - Returns: bytes that stay valid until the engine is entered again at the same depth.
    func call(
        _ function: FunctionHandle, _ arguments: UnsafeRawBufferPointer, run: LuaRun, budget: LuaBudget,
        continuing: Bool
    ) throws(LuaError) -> UnsafeRawBufferPointer

    /// Runs under way, one inside the other.
    var depth: Int { get }
    /// Where the recipe code stands that made the host call under way: the place of its file among the modules, and the
    /// line. Nil when unknown. Makes no strings.
    var callerPlace: (file: Int, line: Int)? { get }
    /// The line of `callerPlace` alone, in whatever file: cheap enough for every read. 0 when unknown.
    var callerLine: Int { get }
    func position(of function: FunctionHandle) -> LuaPosition?

    /// What the last run used, or so far the one under way.
    var usage: LuaUsage { get }
    /// Whether it may not run again: a limit was crossed, or its process is gone.
    var isDead: Bool { get }
    /// Collects garbage now.
    func collect()
    /// Makes the `count`-th allocation from now and all after it fail; negative: none. For tests of one process.
    func failAllocations(after count: Int)
}

/// Opens an engine with a program in it.
/// - Throws: a syntax error of a module, `.limit(.memory)` when the sandbox itself does not fit, `.lost`.
package typealias LuaEngineMaker = (LuaProgram) throws(LuaError) -> any LuaEngine

/// What a VM is opened with.
package struct LuaProgram: Sendable {
    /// The recipe's files, or the spec's; each is compiled under its `moduleName`.
    package var modules: [SourceFile]
    package var limits: LuaLimits
    /// A trusted chunk run when the VM opens; the fields of the table it returns become globals. It gets
    /// `{call = function(operation, node, ...), position = ..., complain = ...}` as `...`.
    package var prelude: SourceFile?
    /// Further trusted chunks, for the prelude to require.
    package var library: [SourceFile]

    package init(modules: [SourceFile], limits: LuaLimits, prelude: SourceFile?, library: [SourceFile]) {
        self.modules = modules
        self.limits = limits
        self.prelude = prelude
        self.library = library
    }
}

/// What a VM has used.
package struct LuaUsage: Sendable, Hashable {
    package var instructions: UInt64 = 0
    package var outputBytes: UInt64 = 0
    /// Bytes of the Lua heap, and the most that it held during the run.
    package var memoryBytes = 0
    package var memoryPeakBytes = 0
    /// Since the VM was opened.
    package var allocations: UInt64 = 0

    package init() {}
}
