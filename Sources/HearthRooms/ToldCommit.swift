import HearthCells
import HearthTransactions
import HearthValues

/// A commit that participants are told of. Each audience gets its own part of it as a ``CommitNotice``.
struct ToldCommit {
    let commit: Commit
    /// What is told in place of the commit's own changes; nil: these. For a change of recipe, which shows cells that it does
    /// not change.
    var instead: [PatchOperation]?

    var seq: UInt64 { commit.seq }
    /// How many bytes of memory it keeps, about.
    var weight: Int { commit.weight + (instead?.count ?? 0) * 128 }

    /// The operations on those cells for which `isIncluded` holds. It is asked once for each change, in their order, and told
    /// whether the change takes the cell away: what is not shown is not even made.
    func patch(of isIncluded: (_ cell: String, _ isRemoval: Bool) -> Bool) -> Patch {
        var operations: [PatchOperation] = []
        operations.reserveCapacity(instead?.count ?? commit.writes.count + commit.derived.count)
        if let instead {
            operations = instead.filter { isIncluded($0.cell, $0.removesCell) }
        } else {
            commit.writes.appendOperations(of: isIncluded, to: &operations)
            commit.derived.appendOperations(of: isIncluded, to: &operations)
        }
        return Patch(operations: operations)
    }

    func notice(_ patch: Patch) -> CommitNotice {
        CommitNotice(seq: seq, by: commit.info.participant, event: commit.info.event, patch: patch)
    }
}
