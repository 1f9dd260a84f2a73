import HearthLua

/// What a recipe's process may use, and how long it is waited for.
package struct IsolationLimits: Sendable, Hashable {
    /// How much longer than the time budget of a run its process is waited for, in milliseconds. It stops itself at the
    /// budget; one that does not is killed.
    package var graceMs: UInt64 = 500
    /// How long a process may take until it has locked itself up, in milliseconds.
    package var startMs: UInt64 = 10_000
    /// Memory beside the Lua heap: sources, messages, the runtime. The system refuses more.
    package var extraMemoryBytes = 96 << 20
    /// Processor seconds that a process may use beyond the time for which its runs were waited for. More ends it.
    package var extraCPUSeconds: UInt64 = 30
    /// Bytes of one message beyond the output budget of its run; all that a declaration may have.
    package var messageBytes = 32 << 20
    /// Processes kept ready for the next VM.
    package var spares = 2

    package init() {}
}
