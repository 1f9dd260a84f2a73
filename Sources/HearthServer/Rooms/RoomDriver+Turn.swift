import HearthLua
import HearthRecipes
import HearthRooms
import NIOCore

/// A turn: some of what the room has to do, for as long as others can be kept waiting.
extension RoomDriver {
    /// After which no further event begins in a turn.
    private static let turnTime = TimeAmount.milliseconds(5)

    func turn() {
        loop.preconditionInEventLoop()
        isTurnScheduled = false
        let start = NIODeadline.now()
        let before = machine.stats
        let isSlow = shard.lane == nil ? runUnhurried(start) : runSliced(start)
        hasToStay = false
        noteSwap(since: before, start)
        carryOut(machine.takeOutputs())
        flush()
        goOn()
        if isSlow { hasToStay = !shard.noteSlow(recipe, because: room) }
    }

    /// On a loop that others wait for: an event that computes too long is laid by.
    ///
    /// - Returns: whether the recipe is too slow for this loop.
    private func runSliced(_ start: NIODeadline) -> Bool {
        let ownRuns = machine.longOwnRuns
        machine.sliceMs = hasToStay ? nil : SlowLane.sliceMs
        run(start)
        return machine.isCutShort || machine.longOwnRuns > ownRuns
    }

    private func runUnhurried(_ start: NIODeadline) -> Bool {
        machine.sliceMs = nil
        var last = ThreadTime.now()
        var longest: UInt64 = 0
        run(start) {
            let now = ThreadTime.now()
            longest = max(longest, now - last)
            last = now
        }
        // What a process of its own computes is not this thread's.
        let isElsewhere = host.library.isolation.isElsewhere
        return longest >= SlowLane.slice
            || isElsewhere && (NIODeadline.now() - start).nanoseconds >= Int64(SlowLane.slice)
    }

    private func run(_ start: NIODeadline, afterEach: () -> Void = {}) {
        let end = start + Self.turnTime
        var last = start
        machine.turn(now: WallClock.nowMs()) {
            let now = NIODeadline.now()
            host.counters.runTime.note(nanoseconds: (now - last).nanoseconds)
            last = now
            afterEach()
            return now >= end
        }
    }
}
