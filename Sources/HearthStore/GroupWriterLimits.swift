/// How much a `GroupWriter` takes on.
package struct GroupWriterLimits: Sendable, Hashable {
    /// Writes in one commit, at most. More would keep the first of them waiting for the last.
    package var batchWritesMax: Int
    /// Bytes in one commit, roughly, at most; a single write larger than this gets a commit of its own.
    package var batchBytesMax: Int
    /// Writes that may wait for the disk. Those beyond fail with `unavailable`.
    package var waitingMax: Int

    package init(batchWritesMax: Int = 4_096, batchBytesMax: Int = 16 << 20, waitingMax: Int = 200_000) {
        self.batchWritesMax = batchWritesMax
        self.batchBytesMax = batchBytesMax
        self.waitingMax = waitingMax
    }
}

/// What a `GroupWriter` has done so far.
package struct GroupWriterCounters: Sendable, Hashable {
    /// Commits tried, each with at most one fsync.
    package var batches = 0
    /// Writes that are durable.
    package var writes = 0
    /// Writes that failed.
    package var failures = 0
    /// Writes in the largest commit.
    package var largestBatch = 0
    /// Time spent in the store, waiting for the disk for the most part.
    package var commitTime = Duration.zero
    package var longestCommit = Duration.zero
    /// Writes that wait now.
    package var waiting = 0

    package init() {}
}
