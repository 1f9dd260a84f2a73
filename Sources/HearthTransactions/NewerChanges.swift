import HearthCells
import HearthValues

/// What the commits after a transaction's basis changed, by cell.
struct NewerChanges {
    private let commits: [Commit]
    private let byCell: [String: [(commit: Int, change: Change)]]

    init(_ commits: [Commit]) {
        self.commits = commits
        var byCell: [String: [(commit: Int, change: Change)]] = [:]
        for (index, commit) in commits.enumerated() {
            for change in commit.writes + commit.derived {
                byCell[change.path.cell, default: []].append((commit: index, change: change))
            }
        }
        self.byCell = byCell
    }

    func touch(_ cell: String) -> Bool { byCell[cell] != nil }

    /// The first commit that concerns what was read of the basis.
    ///
    /// A change in front of a list element concerns every read through its index, so up to the first change that
    /// concerns a read its path means the same in all the commits.
    func commit(concerning read: Read) -> Commit? {
        byCell[read.path.cell]?.first { $0.change.concerns(read) }.map { commits[$0.commit] }
    }

    /// The first commit that a write, at `place` in the basis, gets in the way of; a move before a mere overlap.
    func clash(with intent: Intent, at place: Path) -> (Commit, Clash)? {
        var overlap: (Commit, Clash)?
        for (index, change) in byCell[place.cell] ?? [] {
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
