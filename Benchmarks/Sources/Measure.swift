import Foundation

/// One thing to measure, beside something plain that does the same amount of work.
struct Benchmark {
    /// Says what and how much: "push 10k".
    var name: String
    /// How many operations one call of `work`, and of `baseline`, does.
    var operations: Int
    var unit: String
    /// What the baseline is.
    var against: String
    var work: () throws -> Void
    var baseline: () throws -> Void
    /// Of this process; the monotonic clock for work that other processes have a part in.
    var clock = CLOCK_PROCESS_CPUTIME_ID
}

/// Benchmarks that share what they are prepared with. Nothing is prepared for what nobody asked for.
struct BenchmarkGroup {
    var names: [String]
    var make: () throws -> [Benchmark]
}

/// What was measured: nanoseconds an operation took, round by round.
struct Measurement: Codable {
    var name: String
    var unit: String
    var against: String
    var work: [Double] = []
    var baseline: [Double] = []

    var ratio: Double { median(work) / median(baseline) }
}

extension Benchmark {
    /// Runs the work and its baseline turn by turn, so that what else happens on the machine happens to both. What is taken is the
    /// time of the processor, where all work is done in this process: what others do in the meantime does not count.
    func measure(rounds: Int) throws -> Measurement {
        try work()
        try baseline()
        var measured = Measurement(name: name, unit: unit, against: against)
        for _ in 0..<rounds {
            measured.work.append(try time(work))
            measured.baseline.append(try time(baseline))
        }
        return measured
    }

    private func time(_ body: () throws -> Void) rethrows -> Double {
        let start = nanoseconds
        try body()
        return (nanoseconds - start) / Double(operations)
    }

    private var nanoseconds: Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// Keeps the optimiser from leaving out what nobody looks at.
@inline(never)
func keep<T>(_ value: T) { withExtendedLifetime(value) {} }
