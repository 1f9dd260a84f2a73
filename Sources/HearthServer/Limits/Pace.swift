import Synchronization

/// How far somebody has used up a rate, whichever sockets they come by. Safe from every thread.
final class Pace: Sendable {
    private let time = Atomic<Int64>(0)

    /// The time from which on nothing of it is used up any more.
    var recovery: Int64 { time.load(ordering: .relaxed) }

    /// As `RateLimit.take`, for all who share this.
    func take(_ limit: RateLimit, at now: Int64) -> Int64 {
        guard !limit.isNone else { return 0 }
        var known = time.load(ordering: .relaxed)
        while true {
            var next = known
            let wait = limit.take(&next, at: now)
            guard wait == 0 else { return wait }
            let (exchanged, original) = time.compareExchange(expected: known, desired: next, ordering: .relaxed)
            if exchanged { return 0 }
            known = original
        }
    }
}
