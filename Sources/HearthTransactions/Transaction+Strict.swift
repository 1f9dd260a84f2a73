import HearthCells
import HearthValues

extension Transaction {
    /// Whether anything that this transaction read or wrote has changed since a commit that its sender had seen, which
    /// may be older than the basis.
    ///
    /// Stricter than `finish`: writing to a list that others pushed to counts too.
    ///
    /// - Parameter seq: the commit the sender had seen.
    /// - Returns: the conflict, or nil. When the history does not reach back so far, a conflict with an empty cell.
    /// - Complexity: in the sizes of the read set and of the commits since.
    package func strictConflict(since seq: UInt64, history: CommitHistory) -> Conflict? {
        guard seq < basisSeq else { return nil }
        guard let commits = history.commits(after: seq, upTo: basisSeq) else {
            return Conflict(
                cell: "", pointer: Pointer(), expected: nil, actual: nil, winner: CommitInfo(), winnerSeq: basisSeq,
                readAt: 0)
        }
        let newer = NewerChanges(commits)
        for record in reads {
            guard newer.touch(record.read.path.cell), let read = origin(of: record) else { continue }
            if let found = strictConflict(read, newer, line: record.line) {
                return found.expecting(history.saw(read, asOf: seq))
            }
        }
        for (position, intent) in intents.enumerated() {
            guard newer.touch(intent.write.path.cell),
                let read = origin(of: intent.write.path, after: position).read(.value),
                let found = strictConflict(read, newer, line: intent.line)
            else { continue }
            return found.expecting(history.saw(read, asOf: seq))
        }
        return nil
    }

    private func strictConflict(_ read: Read, _ newer: NewerChanges, line: Int32) -> Conflict? {
        guard let commit = newer.commit(concerning: read) else { return nil }
        return Conflict(
            cell: read.path.cell, pointer: read.path.pointerInCell, expected: nil,
            actual: basis.value(at: read.path).map { $0.aspect(read.aspect) } ?? read.aspect.ofNothing,
            winner: commit.info, winnerSeq: commit.seq, readAt: line)
    }
}

extension Conflict {
    fileprivate func expecting(_ value: Value?) -> Conflict {
        var conflict = self
        conflict.expected = value?.abridged
        return conflict
    }
}

extension CommitHistory {
    /// What a read would have seen right after an earlier commit; nil when nothing was there, or when what is remembered
    /// does not tell.
    ///
    /// - Complexity: O(changes of the commits kept).
    func saw(_ read: Read, asOf seq: UInt64) -> Value? {
        guard let commits = commits(after: oldest, upTo: seq) else { return nil }
        for commit in commits.reversed() {
            for change in (commit.writes + commit.derived).reversed() where change.concerns(read) {
                switch change {
                case .created(let path, let value), .replaced(let path, let value):
                    guard path.isPrefix(of: read.path) else { return nil }
                    var found: Value? = value
                    for step in read.path.steps.dropFirst(path.steps.count) { found = found?.child(at: step) }
                    return found.map { $0.aspect(read.aspect) } ?? read.aspect.ofNothing
                case .removed: return read.aspect.ofNothing
                case .pushed, .inserted, .removedElement: return nil
                }
            }
        }
        return nil
    }
}
