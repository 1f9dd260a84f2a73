import DequeModule
import HearthRecipes
import HearthStore
import HearthValues

/// One participant's stay in a room. It outlives its sockets; at most one is attached at a time.
final class Session {
    let id: String
    let secretHash: Hash
    let createdAt: Int64
    /// Its place among the room's sessions by time of coming.
    var arrival = 0
    var participant: Participant
    var connection: ConnectionID?
    /// The audience that `connection` belongs to.
    var audience: Audience?
    var trace = ""
    /// The newest commit after which it may not have seen all that its participant may see: it cannot go on from there.
    var sightSeq: UInt64?
    /// When it ends unless a socket returns; nil while one is attached.
    var expiresAt: Int64?
    /// How often it has begun to wait for its participant's return.
    var departures = 0
    /// Whether its participant has ever done anything here.
    var hasActed: Bool
    var lastEvent: Int64
    var answers: AnswerWindow
    /// Its event whose handler waits, and the work that came after it.
    var run: EventRun?
    var queue = Deque<Work>()
    /// The id of the last event in `queue`.
    var queuedThrough: Int64 = 0
    /// Whether a fact of the room has told who this is. Of what the disk refused it is told again.
    var isOnRecord = false
    /// Whether the room knows it: not before it has been taken in, and not after it has been forgotten.
    var isKnown = false
    /// Whether its record on disk is behind.
    var isUnsaved = false
    /// What the seeds of its events begin with, once one has been asked for.
    var seedOrigin: UInt64?
    /// True from the moment its end has run until that is on disk.
    var isEnding = false
    /// Recent runs of handlers that declare a `rate`, by handler: times in ms, oldest first.
    var recentRuns: [String: [Int64]] = [:]

    init(
        id: String, secretHash: Hash, createdAt: Int64, participant: Participant, lastEvent: Int64 = 0,
        answers: AnswerWindow
    ) {
        self.id = id
        self.secretHash = secretHash
        self.createdAt = createdAt
        self.participant = participant
        self.lastEvent = lastEvent
        hasActed = lastEvent > 0
        self.answers = answers
    }
}

extension Session {
    /// The last event that was taken: begun, or in the queue behind one that waits.
    var lastTaken: Int64 { queue.isEmpty ? lastEvent : queuedThrough }

    /// The last event that has been decided: one whose handler waits has not.
    var lastDecided: Int64 { run?.origin.isEvent == true ? lastEvent - 1 : lastEvent }

    func record(room: String, disconnectedAt: Int64?) -> SessionRecord {
        SessionRecord(
            room: room, id: id, secretHash: secretHash, user: participant.id == id ? nil : participant.id,
            name: participant.name, roles: participant.roles, lastEvent: lastDecided, createdAt: createdAt,
            disconnectedAt: disconnectedAt, extra: [])
    }

    convenience init(record: SessionRecord, answersMax: Int) {
        self.init(
            id: record.id, secretHash: record.secretHash, createdAt: record.createdAt,
            participant: Participant(
                id: record.user ?? record.id, name: record.name, roles: record.roles, session: record.id),
            lastEvent: record.lastEvent, answers: AnswerWindow(limit: answersMax))
    }
}
