/// A room as it is loaded: the newest snapshot, what happened since, and everything that lives beside the cells.
package struct StoredRoom: Sendable, Hashable {
    package var record: RoomRecord
    /// nil when none has been taken yet: then `facts` begins with the first.
    package var snapshot: StoredSnapshot?
    /// The facts after the snapshot, up to `record.seq`.
    package var facts: [Fact]
    /// In order of id.
    package var sessions: [SessionRecord]
    /// In order of session and event.
    package var marks: [Mark]
    /// In order of id.
    package var timers: [TimerRecord]
    /// In the order in which they were added.
    package var outgoing: [OutgoingRecord]
    /// In the order in which they were received.
    package var received: [ReceivedRecord]
    /// Snapshots that could not be used, and why. The room is whole without them.
    package var passedOver: [String]

    package init(
        record: RoomRecord, snapshot: StoredSnapshot?, facts: [Fact], sessions: [SessionRecord], marks: [Mark],
        timers: [TimerRecord], outgoing: [OutgoingRecord], received: [ReceivedRecord], passedOver: [String] = []
    ) {
        self.record = record
        self.snapshot = snapshot
        self.facts = facts
        self.sessions = sessions
        self.marks = marks
        self.timers = timers
        self.outgoing = outgoing
        self.received = received
        self.passedOver = passedOver
    }
}

/// What every store bounds, and by how much.
package enum StoreLimits {
    /// Answers kept per session: those of its last 256 events. A repeat of an older one is not recognised.
    package static let marksPerSession: Int64 = 256
    /// A delivery whose sender has noted that it was received is kept until this many have come after it.
    package static let receivedMax = 4_096
    /// One whose sender has not noted it, and may repeat it after a restart, is kept until this many have come after it.
    package static let receivedOpenMax = 65_536
    /// An older snapshot goes when the ones before and after it are no further apart than this many facts.
    ///
    /// So the state as of any seq costs at most this many facts of replay beyond the room's own spacing of snapshots,
    /// and at most two snapshots are kept per this many facts, besides the first and the latest two.
    package static let snapshotSpacing: UInt64 = 1_024
    /// Rooms or facts answered at once, whatever the caller asks for.
    package static let pageMax = 10_000
    /// The highest seq a room can reach: 2^36 - 1. Later facts are refused.
    package static let seqMax: UInt64 = (1 << 36) - 1
}
