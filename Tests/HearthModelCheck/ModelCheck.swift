import Foundation
import HearthModel

/// `hearth-model-check [--schedules N] [--seed N] [--jobs N]`: runs random schedules against the oracle; exits with 1
/// when one goes wrong, after printing its seed and the shortest schedule that still does.
@main
enum ModelCheck {
    static func main() async throws {
        let schedules = try option("--schedules") ?? 100_000
        let first = UInt64(try option("--seed") ?? 1)
        let jobs = UInt64(max(1, try option("--jobs") ?? ProcessInfo.processInfo.activeProcessorCount))
        let clock = ContinuousClock()
        let start = clock.now
        let end = first + UInt64(schedules)
        let total = try await withThrowingTaskGroup(of: Counts.self) { group in
            for job in 0..<jobs { group.addTask { try check(stride(from: first + job, to: end, by: Int(jobs))) } }
            var total = Counts()
            for try await counts in group { total.add(counts) }
            return total
        }
        print(
            "\(schedules) schedules: \(total.events) events, \(total.waits) waits, \(total.conflicts) conflicts, "
                + "\(total.merges) merges, each as if alone; \(clock.now - start)")
    }

    private static func check(_ seeds: StrideTo<UInt64>) throws -> Counts {
        // Comparing whole rooms at every rollback costs more than everything else: one schedule in sixteen does.
        let plain = try Checker(checksRollback: false)
        let strict = try Checker(checksRollback: true)
        for seed in seeds {
            let checker = seed / 2 % 16 == 0 ? strict : plain
            let schedule = Schedule.random(seed: seed)
            guard try checker.check(schedule, seed: seed) != nil else { continue }
            let (shortest, fault) = try checker.shrink(schedule, seed: seed)
            print("seed \(seed): \(fault)\n\(shortest)\nAgain: hearth-model-check --seed \(seed) --schedules 1")
            exit(1)
        }
        var counts = Counts()
        for checker in [plain, strict] { counts.add(Counts(checker)) }
        return counts
    }

    private struct Counts: Sendable {
        var events = 0
        var waits = 0
        var conflicts = 0
        var merges = 0

        init() {}

        init(_ checker: Checker) {
            (events, waits) = (checker.events, checker.waits)
            (conflicts, merges) = (checker.conflicts, checker.merges)
        }

        mutating func add(_ other: Counts) {
            events += other.events
            waits += other.waits
            conflicts += other.conflicts
            merges += other.merges
        }
    }

    private struct Usage: Error, CustomStringConvertible {
        var description: String
    }

    private static func option(_ name: String) throws -> Int? {
        guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
        guard place + 1 < CommandLine.arguments.count, let number = Int(CommandLine.arguments[place + 1]), number >= 0
        else { throw Usage(description: "\(name) takes a whole number from 0") }
        return number
    }
}
