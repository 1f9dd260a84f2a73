import HearthRecipes
import HearthRooms
import Synchronization

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
    func sample() -> ShardSample { ShardSample(of: rooms.values, runtimes.mapValues(\.0)) }
}

extension ShardSample {
    init(of drivers: some Sequence<RoomDriver>, _ runtimes: [String: RecipeRuntime]) {
        for driver in drivers {
            let load = driver.machine.load
            rooms += 1
            sessions += load.sessions
            mailbox += load.mailbox
            nursery += load.nursery
            waiting += load.waiting
        }
        for (recipe, runtime) in runtimes {
            recipes[recipe] = RecipeUse(
                runs: runtime.runs, instructions: Int(clamping: runtime.instructions),
                memoryBytes: runtime.memoryUsed, vmsReplaced: runtime.vmsReplaced)
        }
    }

    init(of household: RoomShard.Household) {
        let runtime = household.runtime.map { [household.recipe: $0.0] }
        self.init(of: household.drivers, runtime ?? [:])
    }
}

extension RoomHost {
    /// The rooms of all event loops. Nobody waits for the slow lane: of that, what was last heard.
    func sample() async -> ShardSample {
        var sum = slowLane.sample
        for shard in shards {
            sum =
                await withCheckedContinuation { (continuation: CheckedContinuation<ShardSample, Never>) in
                    shard.run { continuation.resume(returning: $0.sample()) }
                } + sum
        }
        return sum
    }
}

/// What is in the slow lane, as last heard. Safe from every thread.
final class SlowLaneSample: Sendable {
    private let parts = Mutex<[ObjectIdentifier: ShardSample]>([:])

    var sample: ShardSample { parts.withLock { $0.values.reduce(ShardSample(), +) } }

    /// - Parameter lane: the shard that has told all that it has.
    func note(_ sample: ShardSample, of lane: RoomShard) { parts.withLock { $0[ObjectIdentifier(lane)] = sample } }

    /// - Parameter lane: the shard that is about to get something.
    func add(_ sample: ShardSample, to lane: RoomShard) {
        parts.withLock {
            $0[ObjectIdentifier(lane), default: ShardSample()] =
                $0[ObjectIdentifier(lane), default: ShardSample()] + sample
        }
    }
}
