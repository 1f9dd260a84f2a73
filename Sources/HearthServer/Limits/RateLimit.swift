import Synchronization

/// So many a second, and at once as many as come in two seconds.
///
/// The generic cell rate algorithm (ITU-T I.371): all that is kept is a time, that at which what was let through would
/// have come at the even rate. It may lie ahead of the clock by `span`.
struct RateLimit: Sendable, Equatable {
    /// How much may come at once, in seconds' worth.
    static let burstSeconds: Int64 = 2

    let perSecond: Int
    /// Nanoseconds from one to the next at the even rate; 0: without limit.
    private let interval: Int64
    private let span: Int64

    /// - Parameter perSecond: 0 for no limit.
    init(perSecond: Int) {
        self.perSecond = max(0, perSecond)
        interval = perSecond > 0 ? max(1, 1_000_000_000 / Int64(perSecond)) : 0
        span = perSecond > 0 ? max(interval, Self.burstSeconds * 1_000_000_000) : 0
    }

    static let none = RateLimit(perSecond: 0)

    var isNone: Bool { interval == 0 }

    /// Lets one more through, or says how many nanoseconds it would have to wait.
    ///
    /// - Complexity: O(1), a few comparisons.
    func take(_ time: inout Int64, at now: Int64) -> Int64 {
        guard interval > 0 else { return 0 }
        let next = max(time, now) + interval
        guard next - now <= span else { return next - now - span }
        time = next
        return 0
    }
}

/// What is known of one address while it is here and a little longer. Safe from every thread.
final class AddressRecord: Sendable {
    /// That of all connections of the address together.
    let pace = Pace()
    private let logQuota = Mutex(LogQuota())

    /// Asks for a line in the log, as `LogQuota.take`.
    func takeLogLine(at nowMs: Int64) -> Int? { logQuota.withLock { $0.take(at: nowMs) } }
}
