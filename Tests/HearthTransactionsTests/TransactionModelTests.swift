import HearthCells
import HearthTransactions
import HearthValues
import Testing

/// Random small handlers, run interleaved by the engine and one after the other by the model.
@Suite struct `Interleaved transactions` {
    /// What a handler does, deterministically, from what it reads.
    enum Step {
        case push(Int64)
        case increment(String, Int64)
        case set(String, Int64)
        /// Writes the length of the log.
        case copyLength(String)
        /// Writes what another key holds, plus one.
        case copy(String, to: String)
        case removeFirst
        case insertFirst(Int64)
        /// Writes to the element of the log at an index, if it exists.
        case mark(Int)
        /// Appends the last element to itself.
        case repeatLast
        case removeKey(String)
        case follow(Int64)
    }

    static let start = CellState(cells: [
        "log": [["n": 1], ["n": 2]], "box": ["a": 1, "b": 2], "pin": .link(Link(cell: "box", pointer: Pointer())),
    ])
    let log = Path(cell: "log")
    let box = Path(cell: "box")

    private func run(_ steps: [Step], in transaction: inout Transaction) {
        for step in steps {
            do { try run(step, in: &transaction) } catch {
                Issue.record("\(step): \(error)")
            }
        }
    }

    private func run(_ step: Step, in transaction: inout Transaction) throws(CellError) {
        switch step {
        case .push(let n): try transaction.write(.push(log, [["n": .int(n)]]))
        case .increment(let key, let n):
            let place = box.appending(key)
            if transaction.resolve(place, .existence, line: 1).value?.int == nil { return }
            try transaction.write(.increment(place, .int(n)))
        case .set(let key, let n): try transaction.write(.set(box.appending(key), .int(n)))
        case .copyLength(let key):
            let length = transaction.resolve(log, .length, line: 2).value?.list?.count ?? 0
            try transaction.write(.set(box.appending(key), .int(Int64(length))))
        case .copy(let key, let other):
            let value = transaction.resolve(box.appending(key), .value, line: 3).value?.int ?? 0
            try transaction.write(.set(box.appending(other), .int(value &+ 1)))
        case .removeFirst:
            let length = transaction.resolve(log, .length, line: 4).value?.list?.count ?? 0
            if length > 0 { try transaction.write(.remove(log.appending(0))) }
        case .insertFirst(let n): try transaction.write(.insert(log, at: 0, ["n": .int(n)]))
        case .mark(let index):
            let place = log.appending(index)
            if transaction.resolve(place, .existence, line: 5).value == nil { return }
            try transaction.write(.set(place.appending("mark"), true))
        case .repeatLast:
            let length = transaction.resolve(log, .length, line: 6).value?.list?.count ?? 0
            if length == 0 { return }
            let last = transaction.resolve(log.appending(length - 1), .value, line: 6).value ?? .null
            try transaction.write(.push(log, [last]))
        case .removeKey(let key): try transaction.write(.remove(box.appending(key)))
        case .follow(let n):
            let found = transaction.resolve(Path(cell: "pin").appending("a"), .value, line: 7)
            try transaction.write(.push(log, [["n": .int(n), "saw": found.value ?? .null]]))
        }
    }

    private func step(_ random: inout SeededRandom) -> Step {
        let key = ["a", "b", "c"][Int.random(in: 0..<3, using: &random)]
        let n = Int64.random(in: 0..<100, using: &random)
        switch Int.random(in: 0..<11, using: &random) {
        case 0: return .push(n)
        case 1: return .increment(key, n)
        case 2: return .set(key, n)
        case 3: return .copyLength(key)
        case 4: return .copy(key, to: ["a", "b", "c"][Int.random(in: 0..<3, using: &random)])
        case 5: return .removeFirst
        case 6: return .insertFirst(n)
        case 7: return .mark(Int.random(in: 0..<3, using: &random))
        case 8: return .repeatLast
        case 9: return .removeKey(key)
        default: return .follow(n)
        }
    }

    @Test(arguments: Seed.some(10))
    func `end as if each had run alone, in the order of their commits`(seed: Seed) throws {
        var random = seed.random
        var conflicts = 0
        var rebased = 0
        for _ in 0..<200 {
            var head = Self.start
            var headSeq: UInt64 = 0
            var history = CommitHistory(limit: 100)
            var serial = Self.start
            var open: [(steps: [Step], transaction: Transaction)] = []
            for _ in 0..<12 {
                if open.count < 3, Bool.random(using: &random) {
                    let steps = (0..<Int.random(in: 1...4, using: &random)).map { _ in step(&random) }
                    var transaction = Transaction(basis: headSeq, state: head)
                    run(steps, in: &transaction)
                    open.append((steps: steps, transaction: transaction))
                    continue
                }
                if open.isEmpty { continue }
                let (steps, transaction) = open.remove(at: Int.random(in: 0..<open.count, using: &random))
                let newer = try #require(history.commits(after: transaction.basisSeq, upTo: headSeq))
                let before = head
                switch transaction.finish(head: head, headSeq: headSeq, since: newer) {
                case .conflict: conflicts += 1
                case .ready(let next, let changes, _):
                    var replayed = head
                    for change in changes { _ = try replayed.apply(change.write) }
                    #expect(replayed == next, "\(seed): the changes do not lead to the state")
                    rebased += newer.isEmpty ? 0 : 1
                    headSeq += 1
                    head = next
                    history.append(Commit(seq: headSeq, writes: changes, info: CommitInfo(event: "e")))
                    var alone = Transaction(basis: 0, state: serial)
                    run(steps, in: &alone)
                    serial = alone.state
                    #expect(head == serial, "\(seed): \(steps) on \(before.cells)")
                    head._checkInvariants()
                }
            }
        }
        #expect(conflicts > 20 && rebased > 20, "\(seed): \(conflicts) conflicts, \(rebased) rebased")
    }
}
