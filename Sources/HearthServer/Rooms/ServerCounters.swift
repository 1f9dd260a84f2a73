import HearthRooms
import HearthWire
import Synchronization

/// What the server counts for `/metrics`. Safe from every thread.
final class ServerCounters: Sendable {
    let socketsOpen = Atomic<Int>(0)
    let socketsOpened = Atomic<Int>(0)
    let socketsRefused = Atomic<Int>(0)
    let messagesReceived = Atomic<Int>(0)
    let messagesBad = Atomic<Int>(0)
    let commitsSent = Atomic<Int>(0)
    let framesDelivered = Atomic<Int>(0)
    let readersBehind = Atomic<Int>(0)
    let roomsLoaded = Atomic<Int>(0)
    let roomLoadsFailed = Atomic<Int>(0)
    let events = Atomic<Int>(0)
    let eventsFailed = Atomic<Int>(0)
    let commits = Atomic<Int>(0)
    let conflicts = Atomic<Int>(0)
    let reruns = Atomic<Int>(0)
    let reattached = Atomic<Int>(0)
    let bindingsLost = Atomic<Int>(0)
    let merges = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    let recipesSlow = Atomic<Int>(0)
    /// Rooms that the store has, awake or asleep.
    let roomsStored = Atomic<Int>(0)
    /// Rooms in memory, and rooms that are being made.
    let roomsAwake = Atomic<Int>(0)
    let roomsUnderWay = Atomic<Int>(0)
    let tlsFailed = Atomic<Int>(0)
    let limits = LimitTally()
    let closes = Tally()
    let refusals = Tally()
    let errors = Tally()
    let eventTime = Timing()
    let runTime = Timing()
    let commitTime = Timing()
    let fsyncTime = Timing()
    let snapshotTime = Timing()
    let snapshotsFailed = Atomic<Int>(0)
    let loopLag = Timing()
    let processesLost = Atomic<Int>(0)
    let reloads = Atomic<Int>(0)
    let reloadsRefused = Atomic<Int>(0)
    let swapTime = Timing()

    /// Counts a close by its code; codes that clients make up are counted together.
    func count(_ closing: Closing) {
        let isKnown = CloseCode(rawValue: closing.code) != nil || [1002, 1005, 1006].contains(closing.code)
        closes.add(isKnown ? String(closing.code) : "other")
        if let limit = closing.limit { limits.add(limit) }
    }

    func count(_ refusal: Refusal) {
        refusals.add(refusal.code)
        if let limit = refusal.limit { limits.add(limit) }
    }

    /// Counts what a room has done since it was last counted.
    func add(_ now: RoomStats, since last: RoomStats) {
        if now == last { return }
        events.add(now.events - last.events)
        eventsFailed.add(now.failures - last.failures)
        commits.add(now.commits - last.commits)
        conflicts.add(now.conflicts - last.conflicts)
        reruns.add(now.reruns - last.reruns)
        reattached.add(now.reattached - last.reattached)
        bindingsLost.add(now.lostBindings - last.lostBindings)
        merges.add(now.merges - last.merges)
        waits.add(now.waits - last.waits)
        processesLost.add(now.processesLost - last.processesLost)
        reloads.add(now.reloads - last.reloads)
        reloadsRefused.add(now.reloadsRefused - last.reloadsRefused)
    }
}

extension Atomic where Value == Int {
    borrowing func add(_ amount: Int = 1) { wrappingAdd(amount, ordering: .relaxed) }
    var now: Int { load(ordering: .relaxed) }
}
