package import HearthLua

/// What a recipe's code may use. Each limit that is crossed ends the run with `budget_exceeded` and costs nobody else
/// anything.
package struct RecipeLimits: Sendable, Hashable {
    /// Of the VM: memory, and the budget of loading.
    package var lua: LuaLimits
    /// Of one event: its handler, the check of `allow`, watches and derived cells that they read.
    package var event: LuaBudget
    /// Of bringing derived cells up to date after a commit, per function.
    package var derived: LuaBudget
    /// Writes in one event.
    package var writesMax: Int

    package init(
        lua: LuaLimits = .init(), event: LuaBudget = .init(), derived: LuaBudget = .init(), writesMax: Int = 20_000
    ) {
        self.lua = lua
        self.event = event
        self.derived = derived
        self.writesMax = writesMax
    }
}
