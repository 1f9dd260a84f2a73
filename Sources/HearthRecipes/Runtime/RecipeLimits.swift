import HearthLua

/// What a recipe's code may use. A limit that is crossed ends the run with `budget_exceeded` and costs nobody else
/// anything. 0 means without limit.
package struct RecipeLimits: Sendable, Hashable {
    /// Lua heap of the VM, which all rooms of the recipe share, in bytes.
    package var memoryBytes: Int
    /// Lua instructions of one event: its handler, `allow`, watches and derived cells that they read.
    package var instructions: UInt64
    /// Wall time of one event.
    package var milliseconds: UInt64
    /// Bytes that one event hands over: writes, effects, its result.
    package var outputBytes: UInt64
    /// Writes in one event.
    package var writesMax: Int
    /// Waits (`ctx.sleep`, `ctx.ask`) of one event.
    package var waitsMax: Int
    /// The longest that one wait may take, in milliseconds.
    package var waitMsMax: Int64
    /// Lua instructions of loading the recipe.
    package var loadInstructions: UInt64

    package init(
        memoryBytes: Int = 32 << 20, instructions: UInt64 = 10_000_000, milliseconds: UInt64 = 250,
        outputBytes: UInt64 = 8 << 20, writesMax: Int = 20_000, waitsMax: Int = 100,
        waitMsMax: Int64 = 600_000, loadInstructions: UInt64 = 20_000_000
    ) {
        self.memoryBytes = memoryBytes
        self.instructions = instructions
        self.milliseconds = milliseconds
        self.outputBytes = outputBytes
        self.writesMax = writesMax
        self.waitsMax = waitsMax
        self.waitMsMax = waitMsMax
        self.loadInstructions = loadInstructions
    }

    var lua: LuaLimits {
        LuaLimits(memoryBytes: memoryBytes, load: LuaBudget(instructions: loadInstructions, milliseconds: 2_000))
    }

    /// Of one call: an event, or the function of a derived cell that is brought up to date.
    var event: LuaBudget {
        LuaBudget(instructions: instructions, milliseconds: milliseconds, outputBytes: outputBytes)
    }
}
