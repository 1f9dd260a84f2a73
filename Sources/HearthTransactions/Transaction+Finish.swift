package import HearthCells
package import HearthValues

/// Runs a recipe's merge function.
package typealias MergeFunction = (
    _ function: Int, _ cell: String, _ base: Value, _ mine: Value, _ theirs: Value
) -> Value?

/// How a transaction ended.
package enum Finish: Sendable {
    /// Commit this state; these are the changes that lead from the head to it, and the cells that were merged.
    case ready(CellState, [Change], merged: [String])
    /// Roll back and run again on newer state.
    case conflict(Conflict)
}

/// How a transaction that is still open stands to what was committed since it began.
package enum Standing: Sendable {
    /// Nothing that it read or wrote has changed in a way that matters: run on the head, it would do the same again.
    case unaffected
    /// Both sides changed cells whose merge policies may settle it when it ends.
    case contended
    case conflict(Conflict)
}

extension Transaction {
    /// Compares what was read and written so far with the commits since the basis.
    ///
    /// - Parameter newer: what was committed after the basis.
    /// - Complexity: in the sizes of the read set, of the writes and of the newer changes of the same cells.
    package func standing(
        head: CellState, headSeq: UInt64, since newer: NewerChanges, policy: (String) -> MergePolicy
    ) -> Standing {
        if headSeq == basisSeq { return .unaffected }
        do {
            let contended = try contendedCells(newer, head, policy, isOpen: true)
            return contended.isEmpty ? .unaffected : .contended
        } catch {
            return .conflict(error)
        }
    }

    /// Ends the transaction on the state `head`, of which `commits` are what came after the basis, oldest first.
    ///
    /// On the basis itself the working copy is the result. On a newer head what was read must read the same now; then
    /// the writes are made again on the head. Blind writes commute; where two transactions changed the same thing, the
    /// cell's policy decides.
    ///
    /// - Parameters:
    ///   - policy: the merge policy of a cell, by its id.
    ///   - merge: runs the recipe's function of a `.custom` policy for a cell, with base, mine and theirs (null when
    ///     absent); nil means conflict.
    /// - Complexity: O(1) on the basis, else in the sizes of the read set, of the writes and of the newer commits.
    package func finish(
        head: CellState, headSeq: UInt64, since commits: [Commit],
        policy: (String) -> MergePolicy = { _ in .conflict },
        merge: MergeFunction = { _, _, _, _, _ in nil }
    ) -> Finish {
        if headSeq == basisSeq { return .ready(state, changes, merged: []) }
        let newer = NewerChanges(commits)
        do {
            let contended = try contendedCells(newer, head, policy)
            return try rebase(onto: head, newer, contended, policy, merge)
        } catch {
            return .conflict(error)
        }
    }

    /// The cells that both sides changed and whose policies settle it.
    ///
    /// - Parameter isOpen: whether the transaction goes on: then a cell that was only read may yet be written.
    private func contendedCells(
        _ newer: NewerChanges, _ head: CellState, _ policy: (String) -> MergePolicy, isOpen: Bool = false
    ) throws(Conflict) -> Set<String> {
        var contended: Set<String> = []
        let written = Set(intents.map(\.write.path.cell))
        for record in reads {
            guard newer.touch(record.read.path.cell), let read = origin(of: record),
                let commit = newer.commit(concerning: read)
            else { continue }
            guard isOpen || written.contains(read.path.cell), policy(read.path.cell) != .conflict else {
                throw conflict(read, head, commit, line: record.line)
            }
            contended.insert(read.path.cell)
        }
        for (position, intent) in intents.enumerated() {
            try check(intent, position, newer, head, policy, &contended)
        }
        return contended
    }

    private func check(
        _ intent: Intent, _ position: Int, _ newer: NewerChanges, _ head: CellState,
        _ policy: (String) -> MergePolicy, _ contended: inout Set<String>
    ) throws(Conflict) {
        for element in intent.linkedElements {
            guard let read = origin(of: element, after: position).read(.existence),
                let commit = newer.commit(concerning: read)
            else { continue }
            throw conflict(read, head, commit, line: intent.line)
        }
        let cell = intent.write.path.cell
        guard newer.touch(cell) else { return }
        let origin = origin(of: intent.write.path, after: position)
        if case .pushed(let list) = origin, let commit = newer.commit(concerning: Read(list, .length)) {
            throw conflict(Read(list, .length), head, commit, line: intent.line)
        }
        guard case .basis(let place) = origin, let (commit, clash) = newer.clash(with: intent, at: place) else {
            return
        }
        switch (policy(cell), clash) {
        case (.conflict, _), (.lastWrite, .moved): throw conflict(Read(place, .value), head, commit, line: intent.line)
        default: contended.insert(cell)
        }
    }

    private func rebase(
        onto head: CellState, _ newer: NewerChanges, _ contended: Set<String>, _ policy: (String) -> MergePolicy,
        _ merge: MergeFunction
    ) throws(Conflict) -> Finish {
        var next = head
        var made: [Change] = []
        var merged: Set<String> = []
        for intent in intents {
            let cell = intent.write.path.cell
            let write: Write
            if contended.contains(cell), policy(cell) != .lastWrite {
                guard merged.insert(cell).inserted else { continue }
                guard let value = mergedValue(of: cell, head, policy(cell), merge) else {
                    throw conflict(Read(Path(cell: cell), .value), head, newer.last(in: cell), line: intent.line)
                }
                if value == head.cells[cell] { continue }
                write = .set(Path(cell: cell), value)
            } else {
                write = intent.write
            }
            do { made += try next.apply(write) } catch {
                throw conflict(Read(error.path, .value), head, newer.last(in: cell), line: intent.line)
            }
        }
        return .ready(next, made, merged: contended.sorted())
    }

    private func mergedValue(
        of cell: String, _ head: CellState, _ policy: MergePolicy, _ merge: MergeFunction
    ) -> Value? {
        let base = basis.cells[cell] ?? .null
        let mine = state.cells[cell] ?? .null
        let theirs = head.cells[cell] ?? .null
        switch policy {
        case .max: return Value.larger(base: base, mine: mine, theirs: theirs)
        case .custom(let function): return merge(function, cell, base, mine, theirs)
        case .conflict, .lastWrite: return nil
        }
    }

    private func conflict(_ read: Read, _ head: CellState, _ commit: Commit?, line: Int32) -> Conflict {
        Conflict(
            cell: read.path.cell, pointer: read.path.pointerInCell,
            expected: basis.value(at: read.path).map { $0.aspect(read.aspect) } ?? read.aspect.ofNothing,
            actual: head.value(at: read.path).map { $0.aspect(read.aspect) } ?? read.aspect.ofNothing,
            winner: commit?.info ?? CommitInfo(), winnerSeq: commit?.seq ?? 0, readAt: line)
    }
}
