import HearthCells
import HearthValues

/// What the commits after a transaction's basis changed, by cell.
package struct NewerChanges {
    private let commits: [Commit]
    private let byCell: [String: [(commit: Int, change: Change)]]
    /// The place of the first commit that counts.
    private var start = 0

    /// - Parameter commits: without gaps, oldest first.
    /// - Complexity: O(changes of the commits).
    package init(_ commits: [Commit]) {
        self.commits = commits
        var byCell: [String: [(commit: Int, change: Change)]] = [:]
        for (index, commit) in commits.enumerated() {
            for change in commit.writes + commit.derived {
                byCell[change.path.cell, default: []].append((commit: index, change: change))
            }
        }
        self.byCell = byCell
    }

    /// Those of the commits that came after `basis`.
    ///
    /// - Complexity: O(1): what many transactions are compared with is gathered once.
    package func after(_ basis: UInt64) -> NewerChanges {
        guard let oldest = commits.first?.seq, basis >= oldest else { return self }
        var later = self
        later.start = Int(basis - oldest) + 1
        return later
    }

    func touch(_ cell: String) -> Bool { byCell[cell]?.last.map { $0.commit >= start } ?? false }

    /// The changes of a cell that count, oldest first.
    ///
    /// - Complexity: O(log changes of the cell).
    private func changes(of cell: String) -> ArraySlice<(commit: Int, change: Change)> {
        guard let all = byCell[cell] else { return [] }
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].commit < start { low = middle + 1 } else { high = middle }
        }
        return all[low...]
    }

    /// The first commit that concerns what was read of the basis.
    ///
    /// A change in front of a list element concerns every read through its index, so up to the first change that
    /// concerns a read its path means the same in all the commits.
    func commit(concerning read: Read) -> Commit? {
        changes(of: read.path.cell).first { $0.change.concerns(read) }.map { commits[$0.commit] }
    }

    /// The first commit that a write, at `place` in the basis, gets in the way of; a move before a mere overlap.
    func clash(with intent: Intent, at place: Path) -> (Commit, Clash)? {
        var overlap: (Commit, Clash)?
        for (index, change) in changes(of: place.cell) {
            switch intent.clash(at: place, with: change) {
            case .none: continue
            case .moved: return (commits[index], .moved)
            case .overlap: overlap = overlap ?? (commits[index], .overlap)
            }
        }
        return overlap
    }

    func last(in cell: String) -> Commit? { byCell[cell]?.last.map { commits[$0.commit] } ?? commits.last }
}
