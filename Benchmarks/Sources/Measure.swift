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

struct Measurement {
    /// The median.
    var nanoseconds: Double
    /// What it comes to over all rounds, with what is done once in a while, such as a snapshot.
    var mean: Double
    var baseline: Double

    var ratio: Double { nanoseconds / baseline }
}

extension Benchmark {
    /// Runs the work and its baseline turn by turn, so that what else happens on the machine happens to both, and takes
    /// the median of each. What is taken is the time of the processor, where all work is done in this process: what others do in
    /// the meantime does not count.
    func measure(rounds: Int) throws -> Measurement {
        try work()
        try baseline()
        var times: [Double] = []
        var plain: [Double] = []
        for _ in 0..<rounds {
            times.append(try time(work))
            plain.append(try time(baseline))
        }
        return Measurement(nanoseconds: median(times), mean: mean(times), baseline: median(plain))
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
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// Keeps the optimiser from leaving out what nobody looks at.
@inline(never)
func keep<T>(_ value: T) { withExtendedLifetime(value) {} }
