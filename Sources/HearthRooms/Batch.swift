import HearthRecipes
import HearthStore
import HearthValues

/// What ran between two writes of a room: the write itself, and what leaves the room once it is on disk.
struct Batch {
    var write: RoomWrite
    private(set) var held: [Held] = []
    var commits = 0
    /// Sessions whose records the write carries.
    var saved: [Session] = []
    /// The state at the end of the batch; set when it is handed to the store.
    var end: RoomState?

    init(room: String, base: RoomState) {
        write = RoomWrite(room: room)
        write.expectedHead = base.seq == 0 ? nil : base.head
    }

    /// Makes room for what that many events leave, so that it is not moved about while they run.
    mutating func reserve(events: Int) {
        held.reserveCapacity(held.count + events * 2)
        write.facts.reserveCapacity(write.facts.count + events)
        write.marks.reserveCapacity(write.marks.count + events)
    }

    mutating func hold(_ item: consuming Held) { held.append(item) }

    /// Takes out what leaves the room.
    mutating func takeHeld() -> [Held] {
        var held: [Held] = []
        swap(&held, &self.held)
        return held
    }

    var isEmpty: Bool { held.isEmpty && !hasWrites }

    /// Whether there is anything for the disk.
    var hasWrites: Bool {
        write.create != nil || !write.facts.isEmpty || !write.sessions.isEmpty || !write.endedSessions.isEmpty
            || !write.marks.isEmpty || !write.timersSet.isEmpty || !write.timersCancelled.isEmpty
            || write.recipeVersion != nil || !write.outgoingAdded.isEmpty || !write.outgoingDone.isEmpty
            || !write.received.isEmpty || !write.receivedSettled.isEmpty
    }
}

/// An output that rests on commits which may not be on disk yet.
enum Held {
    // What is large and rare stands apart, so that the many commits and answers are small.
    case commit(CommittedCells)
    case answer(Session, id: Int64, Answer)
    /// The end of a raw JSON message: its sender hears of it only when it failed.
    case message(Session, Failure?)
    indirect case joined(Session, ConnectionID, JoinOutcome)
    indirect case signal(SignalNotice, SignalTarget, sender: String?)
    case sync(ConnectionID)
    /// What a participant may see has changed: it is shown all of it.
    case moved(ConnectionID)
    case ephemeral(cell: String, Value)
    indirect case called(token: UInt64, Result<Ack, Failure>)
    indirect case deliver(Delivery)
    indirect case delivered(Delivery)
    case settled(id: String, room: String)
    case ended(Session, leaving: ConnectionID?)
    /// An error that rests on no commit and keeps its place behind the answers before it.
    indirect case refused(Session, ConnectionID, id: Int64, Failure)
    /// A question of a handler that waits, and its id: the handler may wait for something else by then.
    case ask(EventRun, question: String)
    case reloaded(ReloadUnderWay)
    case log(RoomLogEntry)

    /// Whether it waits for all others of its batch.
    var isLast: Bool {
        switch self {
        case .moved, .sync: true
        default: false
        }
    }
}

/// A commit with all cells as they were right after it.
struct CommittedCells {
    var told: ToldCommit
    var view: CellsView
}

struct JoinOutcome {
    var join: Join
    var secret: String
    var resumed: Bool
    var seq: UInt64
    var lastEvent: Int64
    var view: CellsView
}
