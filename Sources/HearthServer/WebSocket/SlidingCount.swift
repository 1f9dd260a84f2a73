import NIOCore

/// Counts how often something happened within the last while; says when it was too often.
struct SlidingCount {
    private let limit: Int
    private let window: TimeAmount
    /// The times of the latest happenings, at most `limit` of them, oldest at `next` once the ring is full.
    private var times: [NIODeadline] = []
    private var next = 0

    /// - Parameters:
    ///   - limit: how many within `window` are too many; at least 1.
    init(limit: Int, within window: TimeAmount) {
        self.limit = max(1, limit)
        self.window = window
    }

    /// Notes one more; true when this was the `limit`th within the window.
    mutating func note(at now: NIODeadline) -> Bool {
        if times.count < limit {
            times.append(now)
        } else {
            times[next] = now
            next = (next + 1) % limit
        }
        guard times.count == limit else { return false }
        return now - times[next] <= window
    }
}
