import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues

/// An event on its way to its answer: through runs that wait, meet conflicts and begin again.
///
/// It holds no closure and nothing of a Lua VM. What it is bound to (handler, session, timer) it names, so that each
/// run looks it up anew.
final class EventRun {
    /// Rises by one with every event of the room that runs a handler.
    let number: UInt64
    let cause: Cause
    let entry: Entry
    let who: Participant?
    /// Whether `allow` is passed over.
    var isTrusted: Bool
    /// The commit that the sender had seen, when the event is `strict`.
    let strictSince: UInt64?
    var origin: Origin

    /// What the present run stands on; nil: the newest state.
    var ground: Ground?
    /// What the run has read and written when it came to its wait.
    var transaction: Transaction?
    /// The present run's number, from 1.
    var runs = 1
    /// Every conflict met so far, oldest first.
    var met: [Conflict] = []
    /// Processes that died under its runs; after one it runs again, after the next it has failed.
    var losses = 0
    static let lossesMax = 1
    var finished: [FinishedWait] = []
    /// How many waits it has begun; questions are named by it.
    var waitsBegun = 0
    var pending: PendingWait?
    /// Whether it stands among those that can go on.
    var isReady = false
    /// Whether it has had the room to itself: an event gets that once.
    var wasAlone = false
    /// A conflict that was found while it waited.
    var foundEarly: Conflict?
    /// What it stood on is gone, because the disk refused it.
    var isStale = false

    init(
        number: UInt64, _ cause: Cause, _ entry: Entry, who: Participant?, strictSince: UInt64? = nil, origin: Origin
    ) {
        self.number = number
        self.cause = cause
        self.entry = entry
        self.who = who
        isTrusted = who == nil
        self.strictSince = strictSince
        self.origin = origin
    }

    /// Who is told how it ended.
    enum Origin {
        case event(Session, id: Int64)
        /// A raw JSON message.
        case message(Session)
        /// Server calls with one idempotency key share one run.
        case call(tokens: [UInt64], key: CallKey?)
        case delivery(Delivery)
        case timer(id: String)

        /// The session whose events wait for this one.
        var session: Session? {
            switch self {
            case .event(let session, _), .message(let session): session
            case .call, .delivery, .timer: nil
            }
        }

        var isEvent: Bool {
            if case .event = self { true } else { false }
        }

        var key: CallKey? {
            if case .call(_, let key) = self { key } else { nil }
        }

        var delivery: String? {
            if case .delivery(let delivery) = self { delivery.id } else { nil }
        }

        var timer: String? {
            if case .timer(let id) = self { id } else { nil }
        }
    }

    /// The room as it was when a run began: all that a handler may see of it. A class, for few runs have one: a reference that is
    /// not there costs nothing to look at.
    final class Ground {
        var seq: UInt64
        var cells: CellState
        var derived: DerivedGraph
        let ephemeral: Object
        let participants: [Participant]

        init(
            seq: UInt64, cells: CellState, derived: DerivedGraph, ephemeral: Object, participants: [Participant]
        ) {
            self.seq = seq
            self.cells = cells
            self.derived = derived
            self.ephemeral = ephemeral
            self.participants = participants
        }
    }

    struct PendingWait {
        var wait: Wait
        /// Names the question to the participant who is asked, and is the same however often the event runs.
        var id: String
        /// When it is over without an answer, in ms since 1970.
        var due: Int64
        /// Whether what the question rests on is on disk.
        var isReleased = false
    }
}

/// How an event came to its commit, where there is more to tell than that it ran once on the newest state.
struct Story {
    var runs = 1
    var met: [Conflict] = []
    /// Cells that both this event and one before it changed, and that were merged.
    var merged: [String] = []
    /// The commit that a merged event ran on.
    var basis: UInt64?
    var waits: [FinishedWait] = []

    var isPlain: Bool { runs == 1 && met.isEmpty && merged.isEmpty && waits.isEmpty }
}
