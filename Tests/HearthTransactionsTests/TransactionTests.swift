import HearthCells
import HearthTransactions
import HearthValues
import Testing

@Suite struct `A transaction` {
    let log = Path(cell: "log")
    let user = Path(cell: "user")
    let state = CellState(cells: ["log": [1, 2], "user": ["name": "Ann", "n": 1]])

    /// Commits `writes` on the state, as somebody else's commit 1.
    private func other(_ writes: Write...) throws -> (CellState, [Commit]) {
        var transaction = Transaction(basis: 0, state: state)
        for write in writes { try transaction.write(write) }
        let commit = Commit(
            seq: 1, writes: transaction.changes, info: CommitInfo(event: "e", handler: "theirs", participant: "bob"))
        return (transaction.state, [commit])
    }

    private func finish(
        _ writes: [Write], reading reads: [(Path, ReadAspect)] = [], after theirs: Write...,
        policy: MergePolicy = .conflict
    ) throws -> Finish {
        var transaction = Transaction(basis: 0, state: state)
        for (path, aspect) in reads { transaction.read(path, aspect, line: 7) }
        for write in writes { try transaction.write(write) }
        var (head, commits): (CellState, [Commit]) = (state, [])
        var base = Transaction(basis: 0, state: state)
        for write in theirs { try base.write(write) }
        (head, commits) = (base.state, [Commit(seq: 1, writes: base.changes, info: CommitInfo(handler: "theirs"))])
        return transaction.finish(
            head: head, headSeq: 1, since: commits, policy: { _ in policy },
            merge: { _, _, base, mine, theirs in
                guard let mine = mine.object?["n"]?.int, let theirs = theirs.object?["n"]?.int,
                    let base = base.object?["n"]?.int
                else { return nil }
                return ["n": .int(mine + theirs - base)]
            })
    }

    private func conflict(_ finish: Finish) -> Conflict? {
        if case .conflict(let conflict) = finish { conflict } else { nil }
    }

    private func cells(_ finish: Finish) -> Object? {
        if case .ready(let state, _, _) = finish { state.cells } else { nil }
    }

    @Test func `that is dropped leaves nothing`() throws {
        let kept = state
        var transaction = Transaction(basis: 0, state: state)
        try transaction.write(.push(log, [3]))
        try transaction.write(.set(user.appending("name"), "Bob"))
        transaction.effects.append("signal")
        #expect(transaction.state != state)
        #expect(state == kept)
        #expect(state.digest == kept.digest)
    }

    @Test func `on its own basis commits its working copy`() throws {
        var transaction = Transaction(basis: 4, state: state)
        transaction.read(log, .value)
        try transaction.write(.push(log, [3]))
        guard case .ready(let next, let changes, _) = transaction.finish(head: state, headSeq: 4, since: []) else {
            Issue.record("conflict on the basis")
            return
        }
        #expect(next.cells["log"] == [1, 2, 3])
        #expect(changes == [.pushed(log, at: 2, [3])])
    }

    @Test func `that writes blindly commutes`() throws {
        #expect(cells(try finish([.push(log, [4])], after: .push(log, [3])))?["log"] == [1, 2, 3, 4])
        let n = user.appending("n")
        #expect(cells(try finish([.increment(n, 5)], after: .increment(n, 2)))?["user"] == ["name": "Ann", "n": 8])
        #expect(
            cells(try finish([.set(n, 5)], after: .set(user.appending("name"), "Bob")))?["user"]
                == ["name": "Bob", "n": 5])
        #expect(cells(try finish([.push(log, [4])], after: .remove(log.appending(0))))?["log"] == [2, 4])
    }

    @Test func `is told what came between, and where it had read it`() throws {
        let found = conflict(
            try finish(
                [.push(log, [4])], reading: [(user.appending("name"), .value)],
                after: .set(user.appending("name"), "Bob")))
        #expect(found?.cell == "user")
        #expect(found?.pointer.description == "/name")
        #expect(found?.expected == "Ann")
        #expect(found?.actual == "Bob")
        #expect(found?.winner.handler == "theirs")
        #expect(found?.winnerSeq == 1)
        #expect(found?.readAt == 7)
        let length = conflict(try finish([.push(log, [4])], reading: [(log, .length)], after: .push(log, [3])))
        #expect(length?.expected == 2)
        #expect(length?.actual == 3)
    }

    @Test func `conflicts exactly on what was asked`() throws {
        func isConflict(_ path: Path, _ aspect: ReadAspect, _ theirs: Write) throws -> Bool {
            conflict(try finish([], reading: [(path, aspect)], after: theirs)) != nil
        }
        #expect(try isConflict(log.appending(1), .value, .push(log, [3])) == false)
        #expect(try isConflict(log.appending(2), .existence, .push(log, [3])))
        #expect(try isConflict(log, .value, .push(log, [3])))
        #expect(try isConflict(log, .existence, .push(log, [3])) == false)
        #expect(try isConflict(log.appending(0), .value, .remove(log.appending(1))) == false)
        #expect(try isConflict(log.appending(1), .value, .remove(log.appending(0))))
        #expect(try isConflict(log, .length, .set(log.appending(0), 9)) == false)
        #expect(try isConflict(user, .keys, .set(user.appending("n"), 9)) == false)
        #expect(try isConflict(user, .keys, .set(user.appending("m"), 9)))
        #expect(try isConflict(user.appending("n"), .value, .set(user.appending("m"), 9)) == false)
        #expect(try isConflict(user.appending("n"), .existence, .remove(user)))
        #expect(try isConflict(Path(cell: "new"), .existence, .set(Path(cell: "new"), 1)))
    }

    @Test func `does not depend on what it had written itself`() throws {
        let n = user.appending("n")
        var transaction = Transaction(basis: 0, state: state)
        try transaction.write(.set(n, 5))
        transaction.read(n, .value)
        try transaction.write(.set(user.appending("m"), 5))
        let (head, commits) = try other(.push(log, [3]), .set(user.appending("name"), "Bob"))
        #expect(cells(transaction.finish(head: head, headSeq: 1, since: commits)) != nil)
        // After its own removal at the front it reads at 0 what the others know at 1.
        transaction = Transaction(basis: 0, state: state)
        try transaction.write(.remove(log.appending(0)))
        transaction.read(log.appending(0), .value)
        try transaction.write(.set(n, 5))
        let (newer, theirs) = try other(.set(log.appending(1), 9))
        #expect(conflict(transaction.finish(head: newer, headSeq: 1, since: theirs))?.pointer.description == "/1")
    }

    @Test func `setting what another has set asks the policy of the cell`() throws {
        let n = user.appending("n")
        #expect(conflict(try finish([.set(n, 5)], after: .set(n, 9)))?.actual == 9)
        #expect(cells(try finish([.set(n, 5)], after: .set(n, 9), policy: .lastWrite))?["user"]?.object?["n"] == 5)
        #expect(cells(try finish([.set(n, 5)], after: .set(n, 9), policy: .max))?["user"]?.object?["n"] == 9)
        #expect(cells(try finish([.set(n, 5)], after: .set(n, 9), policy: .custom(1)))?["user"] == ["n": 13])
        // Read and written by both: the policy stands for the re-run.
        #expect(
            cells(try finish([.set(n, 5)], reading: [(n, .value)], after: .set(n, 9), policy: .custom(1)))?["user"]
                == ["n": 13])
        // Only read: no policy of that cell can help.
        #expect(conflict(try finish([.push(log, [3])], reading: [(n, .value)], after: .set(n, 9), policy: .max)) != nil)
    }

    @Test func `that links to an element which another moves runs again`() throws {
        let link = Value.link(log.appending(1).link)
        #expect(conflict(try finish([.set(Path(cell: "pin"), link)], after: .remove(log.appending(0)))) != nil)
        #expect(cells(try finish([.set(Path(cell: "pin"), link)], after: .push(log, [3]))) != nil)
    }

    @Test func `that is strict refuses what changed since its sender looked`() throws {
        let (head, commits) = try other(.push(log, [3]))
        var history = CommitHistory(limit: 2)
        history.append(commits[0])
        var transaction = Transaction(basis: 1, state: head)
        transaction.read(user, .value)
        #expect(transaction.strictConflict(since: 0, history: history) == nil)
        try transaction.write(.push(log, [4]))
        #expect(transaction.strictConflict(since: 0, history: history)?.cell == "log")
        #expect(transaction.strictConflict(since: 1, history: history) == nil)
        let late = Transaction(basis: 9, state: head)
        #expect(late.strictConflict(since: 3, history: history)?.cell == "")
    }

    @Test func `finds the commits after its basis while they are kept`() {
        var history = CommitHistory(limit: 3)
        for seq in 1...5 { history.append(Commit(seq: UInt64(seq), writes: [], info: CommitInfo())) }
        #expect(history.commits(after: 5)?.map(\.seq) == [])
        #expect(history.commits(after: 2)?.map(\.seq) == [3, 4, 5])
        #expect(history.commits(after: 3, upTo: 4)?.map(\.seq) == [4])
        #expect(history.commits(after: 1) == nil)
        #expect(history.count == 3)
    }
}
