/// The last commits of a room, for validating transactions that began before them.
package struct CommitHistory: Sendable {
    private var ring: [Commit] = []
    /// Where the oldest commit stands once the ring is full.
    private var start = 0
    /// How many commits are kept at most; at least 1.
    package let limit: Int

    package init(limit: Int) { self.limit = Swift.max(1, limit) }

    package var count: Int { ring.count }

    /// The newest commit.
    package var last: Commit? {
        ring.isEmpty ? nil : ring[(start + ring.count - 1) % ring.count]
    }

    /// The commit before the oldest that is kept.
    var oldest: UInt64 { last.map { $0.seq - UInt64(ring.count) } ?? 0 }

    /// Keeps a commit, whose `seq` is one more than the last one's; at the limit the oldest is forgotten.
    ///
    /// - Complexity: O(1).
    package mutating func append(_ commit: Commit) {
        if ring.count < limit {
            ring.append(commit)
        } else {
            ring[start] = commit
            start = (start + 1) % limit
        }
    }

    /// The commits after `basis` up to `head`, oldest first; nil when some of them are no longer known.
    ///
    /// - Complexity: O(number of these commits).
    package func commits(after basis: UInt64, upTo head: UInt64) -> [Commit]? {
        if basis >= head { return [] }
        guard let newest = last, newest.seq >= head, newest.seq - basis <= UInt64(ring.count) else { return nil }
        let first = ring.count - Int(newest.seq - basis)
        return (first..<(first + Int(head - basis))).map { ring[(start + $0) % ring.count] }
    }

    /// The commits after `basis`, oldest first; nil when some of them are no longer known.
    package func commits(after basis: UInt64) -> [Commit]? { commits(after: basis, upTo: last?.seq ?? basis) }

    package mutating func removeAll() {
        ring = []
        start = 0
    }
}
