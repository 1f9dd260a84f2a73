import NIOCore
import Synchronization

/// How long rooms stood still while they took up another version of their recipe: a histogram. Safe from every thread.
final class SwapTimes: Sendable {
    /// Upper bounds in milliseconds.
    static let bounds: [Double] = [1, 2.5, 5, 10, 25, 100, 1_000]

    private struct State {
        var counts = [Int](repeating: 0, count: SwapTimes.bounds.count)
        var count = 0
        var seconds = 0.0
    }

    private let state = Mutex(State())

    func add(_ time: TimeAmount) {
        let ms = Double(time.nanoseconds) / 1_000_000
        state.withLock { state in
            for (place, bound) in Self.bounds.enumerated() where ms <= bound { state.counts[place] += 1 }
            state.count += 1
            state.seconds += ms / 1_000
        }
    }

    /// In Prometheus' text format.
    var text: String {
        let state = state.withLock { $0 }
        let name = "hearth_reload_seconds"
        var lines = [
            "# HELP \(name) How long rooms stood still for another version of their recipe.",
            "# TYPE \(name) histogram",
        ]
        for (bound, count) in zip(Self.bounds, state.counts) {
            lines.append("\(name)_bucket{le=\"\(bound / 1_000)\"} \(count)")
        }
        lines.append("\(name)_bucket{le=\"+Inf\"} \(state.count)")
        lines += ["\(name)_sum \(state.seconds)", "\(name)_count \(state.count)"]
        return lines.joined(separator: "\n") + "\n"
    }
}
