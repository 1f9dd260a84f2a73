import Testing

@testable import HearthServer

@Suite struct `A room that has much to complain about` {
    @Test func `gets a hundred lines at once and ten a second, which say how many were left out`() {
        var quota = LogQuota()
        let now: Int64 = 1_000_000
        let first = (0..<150).map { _ in quota.take(at: now) }
        #expect(first == Array(repeating: 0, count: 100) + Array(repeating: nil, count: 50))
        #expect(quota.take(at: now + 99) == nil)
        #expect(quota.take(at: now + 100) == 51)
        #expect(quota.take(at: now + 199) == nil)
        #expect(quota.take(at: now + 3_600_000) == 1)
        #expect((0..<150).compactMap { _ in quota.take(at: now + 3_600_000) }.count == 99)
    }

    @Test func `is not silenced by a clock that is set back`() {
        var quota = LogQuota()
        #expect(quota.take(at: 1_000_000) == 0)
        #expect((0..<99).compactMap { _ in quota.take(at: 0) }.count == 99)
    }
}
