/// Everything that one room changes in one atomic step.
///
/// The parts are applied in this order, whatever order they were filled in:
/// create, facts, sessions, marks, ended sessions, cancelled timers, set timers, outgoing done,
/// outgoing added, received, received settled, rename.
package struct RoomWrite: Sendable {
    package var room: String
    /// The room as it stands before `facts`: its `seq` is 0 and its `head` is zero.
    package var create: RoomRecord?
    /// Each follows the one before it; the first follows the room's head.
    package var facts: [Fact] = []
    /// New sessions, and sessions whose record changed.
    package var sessions: [SessionRecord] = []
    /// Sessions that are over: their records and their marks go.
    package var endedSessions: [String] = []
    package var marks: [Mark] = []
    /// New timers; one with the id of an earlier timer takes its place.
    package var timersSet: [TimerRecord] = []
    package var timersCancelled: [String] = []
    /// One with the id of an earlier message changes it where it stands.
    package var outgoingAdded: [OutgoingRecord] = []
    package var outgoingDone: [String] = []
    /// Ids of deliveries from other rooms that this step took in.
    package var received: [String] = []
    /// Those of them, or of earlier ones, whose senders have noted it.
    package var receivedSettled: [String] = []
    /// The room's id from now on; it is refused when that name is taken.
    package var renameTo: String?
    /// Removes the room and all that belongs to it. Such a write holds nothing else but `expectedHead`.
    package var deleteRoom = false
    /// When set, the write is refused unless the room's head is this one.
    package var expectedHead: Hash?
    /// When set, the room's record tells this time (milliseconds since 1970) from now on.
    package var updatedAt: Int64?
    /// When set, the room runs this version of its recipe from now on.
    package var recipeVersion: Int64?

    package init(room: String) {
        self.room = room
    }

    /// Roughly how many bytes the write adds.
    package var byteCount: Int {
        var count = 128
        for fact in facts { count += fact.content.count + 96 }
        for mark in marks { count += mark.answer.count + 48 }
        for session in sessions { count += session.extra.count + 128 }
        for timer in timersSet { count += timer.data.count + 64 }
        for message in outgoingAdded { count += message.data.count + 64 }
        return count
    }

    /// Whether the write changes anything beside deleting the room.
    var isOnlyDeletion: Bool {
        create == nil && facts.isEmpty && sessions.isEmpty && endedSessions.isEmpty && marks.isEmpty
            && timersSet.isEmpty && timersCancelled.isEmpty && outgoingAdded.isEmpty && outgoingDone.isEmpty
            && received.isEmpty && receivedSettled.isEmpty && renameTo == nil && updatedAt == nil
            && recipeVersion == nil
    }
}
