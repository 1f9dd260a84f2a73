import HearthCells
import HearthValues
import Testing

@testable import HearthTransactions

@Suite("What a conflict tells")
struct ConflictTests {
    private func conflict(_ expected: Value, _ actual: Value) -> Conflict {
        Conflict(
            cell: "a", pointer: Pointer(), expected: expected, actual: actual, winner: CommitInfo(), winnerSeq: 1,
            readAt: 0)
    }

    @Test func `is what was found, where that is small`() {
        let object: Value = ["name": "Ann", "tags": ["x", "y"]]
        let told = conflict(3, object)
        #expect(told.expected == 3)
        #expect(told.actual == object)
    }

    @Test func `is a description of what is large: it stands in errors, logs and facts`() {
        let list = Value.list(List((0..<100_000).map { Value.int($0) }))
        let nested = Value.list(List((0..<30).map { _ in .list(List((0..<30).map { Value.int($0) })) }))
        let text = Value.string(String(repeating: "x", count: 1 << 20))
        #expect(conflict(list, nested).expected == "a list of 100000")
        #expect(conflict(list, nested).actual == "a list of 30")
        guard case .string(let shown)? = conflict(text, .object(["text": text])).expected else {
            Issue.record("no text")
            return
        }
        #expect(shown.hasSuffix("… (1048576 bytes)") && shown.utf8.count < 200)
        #expect(conflict(text, .object(["text": text])).actual == "an object of 1")
    }
}
