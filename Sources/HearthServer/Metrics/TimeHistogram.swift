import NIOCore
import Synchronization

/// How long something took, in buckets that grow by two and a half: from 25 µs to 10 s. Safe from every thread.
final class Timing: Sendable {
    /// Upper bounds in nanoseconds.
    static let bounds: [Int64] = [
        25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    struct Counts {
        /// One for each bound, and one for what took longer.
        var buckets = [Int](repeating: 0, count: Timing.bounds.count + 1)
        var nanoseconds: Int64 = 0

        var count: Int { buckets.reduce(0, +) }
    }

    private let state = Mutex(Counts())

    /// - Complexity: O(1).
    func note(nanoseconds: Int64) {
        let place = Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        state.withLock { counts in
            counts.buckets[place] += 1
            counts.nanoseconds += max(0, nanoseconds)
        }
    }

    func note(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        note(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func note(since start: NIODeadline) { note(nanoseconds: (NIODeadline.now() - start).nanoseconds) }

    var counts: Counts { state.withLock { $0 } }
}

/// Counts by a name out of a small set that the server itself chooses. Safe from every thread.
final class Tally: Sendable {
    private let state = Mutex<[String: Int]>([:])

    func add(_ name: String) { state.withLock { $0[name, default: 0] += 1 } }

    var counts: [(name: String, count: Int)] {
        state.withLock { $0 }.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
    }
}
