import NIOCore
import Synchronization

/// The paces of sessions by their secrets: who comes back by another socket has what was left of the rate, not a fresh
/// one. Safe from every thread.
///
/// A pace is kept as long as a socket has it, and then until nothing of it is used up, two seconds at most: from then on a
/// fresh one is the same.
final class SessionPaces: Sendable {
    /// Bytes of a secret; a longer one is no session's.
    static let secretBytesMax = 256

    private struct Entry {
        let pace: Pace
        var sockets: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Those that no socket had when they were put here, with the times at which they may go.
        var left = CircularBuffer<(secret: String, until: Int64)>()
    }

    private let state = Mutex(State())

    /// For tests.
    var count: Int { state.withLock { $0.entries.count } }

    /// One more socket has the session's pace.
    ///
    /// - Parameter own: what it has been paced by so far; that of the session when nobody else has it.
    /// - Complexity: amortised O(1).
    func enter(_ secret: String, _ own: Pace, at now: Int64) -> Pace {
        guard secret.utf8.count <= Self.secretBytesMax else { return own }
        return state.withLock { state in
            Self.prune(&state, now)
            if let known = state.entries[secret] {
                state.entries[secret]?.sockets += 1
                return known.pace
            }
            state.entries[secret] = Entry(pace: own, sockets: 1)
            return own
        }
    }

    /// One socket less has it.
    ///
    /// - Complexity: amortised O(1).
    func leave(_ secret: String, at now: Int64) {
        state.withLock { state in
            Self.prune(&state, now)
            guard let known = state.entries[secret] else { return }
            state.entries[secret]?.sockets -= 1
            guard known.sockets <= 1 else { return }
            if known.pace.recovery <= now {
                state.entries[secret] = nil
            } else {
                state.left.append((secret, known.pace.recovery))
            }
        }
    }

    private static func prune(_ state: inout State, _ now: Int64) {
        while let first = state.left.first, first.until <= now {
            state.left.removeFirst()
            // It may have come back meanwhile, and gone again.
            guard let known = state.entries[first.secret], known.sockets == 0, known.pace.recovery <= now else {
                continue
            }
            state.entries[first.secret] = nil
        }
    }
}
