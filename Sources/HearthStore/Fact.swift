/// One commit of a room as it lies in the log: immutable, and chained to the one before it.
package struct Fact: Sendable, Hashable {
    /// 1 for a room's first fact, rising by exactly 1.
    package let seq: UInt64
    /// The id of the fact before this one; `Hash.zero` for the first.
    package let parent: Hash
    /// SHA-256 over the bytes of `parent` followed by `content`.
    package let id: Hash
    /// Canonical JSON; to the store, bytes.
    package let content: [UInt8]

    /// Makes the fact that follows `parent`, working out its id.
    package init(seq: UInt64, parent: Hash, content: [UInt8]) {
        self.init(seq: seq, parent: parent, id: SHA256.hash(parent: parent, content: content), content: content)
    }

    /// A fact as it was found, whether or not its id is right.
    package init(seq: UInt64, parent: Hash, id: Hash, content: [UInt8]) {
        self.seq = seq
        self.parent = parent
        self.id = id
        self.content = content
    }

    /// Whether `id` is the hash of parent and content.
    package var isIntact: Bool { SHA256.hash(parent: parent, content: content) == id }
}

/// A room's stored cells as of one seq.
package struct StoredSnapshot: Sendable, Hashable {
    package let seq: UInt64
    /// Canonical JSON of the cells; to the store, bytes.
    package let state: [UInt8]
    /// The id of the fact `seq`.
    package let head: Hash

    package init(seq: UInt64, state: [UInt8], head: Hash) {
        self.seq = seq
        self.state = state
        self.head = head
    }
}
