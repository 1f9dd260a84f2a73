import HearthCells
import HearthLua

/// What the derived functions of one room have used between two events. Each call has a budget of its own; that a list
/// has many elements must not multiply it.
final class DerivedSpending {
    var used: UInt64 = 0
    private var events = -1

    /// The budget of the next call.
    /// - Parameter now: the count of events when it is made; what was used before the last of them is forgotten.
    func budget(_ limits: RecipeLimits, _ now: Int) throws(DerivedFailure) -> LuaBudget {
        if events != now { (events, used) = (now, 0) }
        var budget = limits.event
        guard limits.derivedInstructions != 0 else { return budget }
        let max = UInt64(limits.derivedInstructions)
        guard used < max else {
            throw DerivedFailure(
                "the functions of derived cells used up the \(max) instructions that they have together")
        }
        budget.instructions = budget.instructions == 0 ? max - used : min(budget.instructions, max - used)
        return budget
    }
}
