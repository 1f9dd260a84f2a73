import HearthModel
import Testing

/// A few of the schedules of `make model-check`, which runs a hundred thousand of them optimised.
@Suite("Random programs that wait, conflict and merge")
struct ModelTests {
    @Test("do what they do one after another, in the order of their seq", arguments: 0..<4)
    func schedules(part: UInt64) throws {
        let checker = try Checker(checksRollback: true)
        for seed in (part * 75)..<(part * 75 + 75) {
            let schedule = Schedule.random(seed: seed)
            guard try checker.check(schedule, seed: seed) != nil else { continue }
            let (shortest, fault) = try checker.shrink(schedule, seed: seed)
            Issue.record("seed \(seed): \(fault)\n\(shortest)")
            return
        }
        #expect(checker.conflicts > 0 && checker.waits > 0 && checker.reloads > 0)
    }
}
