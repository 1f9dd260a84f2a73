import HearthRecipes
import HearthRooms

/// What is in the rooms of one event loop at the moment of asking.
struct ShardSample: Sendable {
    var rooms = 0
    var sessions = 0
    /// Events that wait in mailboxes.
    var mailbox = 0
    /// Commits that wait for the disk.
    var nursery = 0
    var waiting = 0
    /// What each recipe has used, by its name.
    var recipes: [String: RecipeUse] = [:]

    static func + (left: ShardSample, right: ShardSample) -> ShardSample {
        var sum = left
        sum.rooms += right.rooms
        sum.sessions += right.sessions
        sum.mailbox += right.mailbox
        sum.nursery += right.nursery
        sum.waiting += right.waiting
        sum.recipes.merge(right.recipes) { $0 + $1 }
        return sum
    }
}

/// What a recipe has used of its budgets, over all its rooms.
struct RecipeUse: Sendable {
    var runs = 0
    var instructions = 0
    var memoryBytes = 0
    /// Lua VMs that crossed a limit and were replaced.
    var vmsReplaced = 0

    static func + (left: RecipeUse, right: RecipeUse) -> RecipeUse {
        RecipeUse(
            runs: left.runs + right.runs, instructions: left.instructions + right.instructions,
            memoryBytes: left.memoryBytes + right.memoryBytes, vmsReplaced: left.vmsReplaced + right.vmsReplaced)
    }
}

extension RoomShard {
    /// - Complexity: O(rooms of this loop).
    func sample() -> ShardSample {
        var sample = ShardSample()
        for driver in rooms.values {
            let load = driver.machine.load
            sample.rooms += 1
            sample.sessions += load.sessions
            sample.mailbox += load.mailbox
            sample.nursery += load.nursery
            sample.waiting += load.waiting
        }
        for (recipe, (runtime, _)) in runtimes {
            sample.recipes[recipe] = RecipeUse(
                runs: runtime.runs, instructions: Int(clamping: runtime.instructions),
                memoryBytes: runtime.memoryUsed, vmsReplaced: runtime.vmsReplaced)
        }
        return sample
    }
}

extension RoomHost {
    func sample() async -> ShardSample {
        var sum = ShardSample()
        for shard in shards {
            sum =
                await withCheckedContinuation { (continuation: CheckedContinuation<ShardSample, Never>) in
                    shard.run { continuation.resume(returning: $0.sample()) }
                } + sum
        }
        return sum
    }
}
