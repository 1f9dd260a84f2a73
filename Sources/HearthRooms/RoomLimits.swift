/// What a room may grow to. Crossing a limit is an error to whoever crossed it, never to the room.
package struct RoomLimits: Sendable {
    /// How long a session outlives its socket, in milliseconds.
    package var sessionTtlMs: Int64 = 120_000
    /// Sessions of a room, attached or waiting for their return. For one more `join` one of those that wait ends, see
    /// ``Departures``; where all are attached it is refused with `rate_limited`.
    package var sessionsMax = 20_000
    /// Events that wait in the mailbox. One more is answered with `rate_limited`; at twice as many the sender's socket is
    /// closed with 4429, and its session waits for its return.
    package var mailboxMax = 20_000
    /// Events that run in one turn; the rest wait for the next, so that other rooms of the executor get theirs.
    package var turnMax = 256
    /// Commits that may wait for the disk. At the limit the mailbox waits too.
    package var nurseryMax = 8_192
    /// Answers, commits, signals and the like that may wait for the disk. At the limit the mailbox waits too.
    package var heldMax = 65_536
    /// Events whose handlers wait (`ctx.sleep`, `ctx.ask`). One more is answered with `rate_limited`.
    package var waitingMax = 1_000
    /// When a timer or a message of another room is tried again that may not wait now, in milliseconds.
    package var waitingRetryMs: Int64 = 1_000
    /// Events of one session behind one of its own whose handler waits. One more is answered with `rate_limited` in its
    /// turn; at twice as many the socket is closed with 4429.
    package var behindWaitMax = 1_000
    /// After so many conflicts an event runs with the room to itself, so that it ends.
    package var conflictsBeforeAlone = 2
    /// How long such an event may keep the others waiting while it waits itself, in milliseconds.
    package var aloneMsMax: Int64 = 2_000
    /// Commits kept in memory for those who resume with `since`, and for `strict` events. None is kept for much longer than
    /// `sessionTtlMs`.
    package var backlogMax = 4_096
    /// Bytes of memory that these commits may keep, about.
    package var backlogBytesMax = 1_048_576
    /// Answers kept of each session, to answer a repeated event as the first time.
    package var answersMax = 256
    /// The shortest delay of `ctx.after`, in milliseconds: a timer that sets itself anew leaves room for others.
    package var timerDelayMinMs: Int64 = 1
    /// Durable timers of a room. One more `ctx.after` fails its handler.
    package var timersMax = 10_000
    /// Messages to other rooms that have not been taken yet. One more `ctx.send` fails its handler.
    package var outgoingMax = 10_000
    /// Stored cells of a room. A transaction that would leave more fails.
    package var cellsMax = 100_000
    /// Characters kept of the name that a client gives in `join`.
    package var nameMax = 200
    /// A snapshot is taken when the facts since the last one are larger than twice it, and larger than this many bytes.
    package var snapshotBytesMin = 65_536
    /// How long a room waits before it tries work of its own again after the disk refused, in milliseconds.
    package var storageRetryMs: Int64 = 1_000

    /// Compares all of the room before and after each run that is rolled back, and stops the process when anything
    /// differs. For tests: it costs as much as the room is large.
    package var checksRollback = false
    /// Runs each handler a second time and refuses the event when it did anything else than the first time.
    package var checksRuns = false
    /// What goes wrong on purpose; nil: nothing.
    package var faults: RoomFaults?

    package init() {}
}
