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

    /// Calls `body` with each operation, in order.
    func forEachOperation(_ body: (consuming PatchOperation) -> Void) {
        if let instead { return instead.forEach { body($0) } }
        commit.writes.forEachOperation(body)
        commit.derived.forEachOperation(body)
    }

    /// The operations for which `isIncluded` holds.
    func patch(of isIncluded: (PatchOperation) -> Bool) -> Patch {
        var operations: [PatchOperation] = []
        operations.reserveCapacity(instead?.count ?? commit.writes.count + commit.derived.count)
        forEachOperation { operation in
            if isIncluded(operation) { operations.append(consume operation) }
        }
        return Patch(operations: operations)
    }

    func notice(_ patch: Patch) -> CommitNotice {
        CommitNotice(seq: seq, by: commit.info.participant, event: commit.info.event, patch: patch)
    }
}
