/// The last commits of a room, for validating transactions that began before them.
package struct CommitHistory: Sendable {
    /// Oldest first from `start` on; the places before it are empty.
    private var places: [Commit?] = []
    private var start = 0
    /// How many commits are kept at most; at least 1.
    package let limit: Int
    /// How many bytes they may keep in memory, about.
    package let bytesMax: Int
    /// How many they keep, about.
    package private(set) var bytes = 0

    package init(limit: Int, bytesMax: Int = .max) {
        self.limit = Swift.max(1, limit)
        self.bytesMax = bytesMax
    }

    package var count: Int { places.count - start }

    /// The newest commit.
    package var last: Commit? { places.last ?? nil }

    /// The commit before the oldest that is kept.
    package var oldest: UInt64 { last.map { $0.seq - UInt64(count) } ?? 0 }

    /// Keeps a commit, whose `seq` is one more than the last one's; at the limits the oldest are forgotten, but never it.
    ///
    /// - Complexity: amortised O(1).
    package mutating func append(_ commit: Commit) {
        places.append(commit)
        bytes += commit.weight
        while count > limit || bytes > bytesMax && count > 1 { forgetFirst() }
    }

    /// Forgets the commits up to `seq`.
    ///
    /// - Complexity: amortised O(1).
    package mutating func forget(through seq: UInt64) {
        while let first = places.indices.contains(start) ? places[start] : nil, first.seq <= seq { forgetFirst() }
    }

    private mutating func forgetFirst() {
        bytes -= places[start]?.weight ?? 0
        places[start] = nil
        start += 1
        if start == places.count {
            removeAll()
        } else if start >= 32, start * 2 >= places.count {
            places.removeFirst(start)
            start = 0
        }
    }

    /// The commits after `basis` up to `head`, oldest first; nil when some of them are no longer known.
    ///
    /// - Complexity: O(number of these commits).
    package func commits(after basis: UInt64, upTo head: UInt64) -> [Commit]? {
        if basis >= head { return [] }
        guard let newest = last, newest.seq >= head, newest.seq - basis <= UInt64(count) else { return nil }
        let first = places.count - Int(newest.seq - basis)
        return places[first..<(first + Int(head - basis))].compactMap { $0 }
    }

    /// The commits after `basis`, oldest first; nil when some of them are no longer known.
    package func commits(after basis: UInt64) -> [Commit]? { commits(after: basis, upTo: last?.seq ?? basis) }

    package mutating func removeAll() {
        places = []
        start = 0
        bytes = 0
    }
}
