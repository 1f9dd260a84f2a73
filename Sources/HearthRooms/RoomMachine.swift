import DequeModule
import HearthCells
package import HearthRecipes
import HearthStore
import HearthTransactions
package import HearthValues

/// A room: mailbox, sessions, presence, timers and the commits that wait for the disk.
///
/// A pure machine. Given the same inputs with the same times it gives the same outputs; it knows no socket, no clock,
/// no disk and no thread. The driver calls `handle` for what happens, `turn` while `hasWork`, and carries out
/// `takeOutputs()` after each call, in order.
///
/// What guards what: `head` is the newest state, with commits that may not be on disk yet (the nursery); `durable` is
/// what the disk is known to hold. Outputs that rest on the nursery wait in `gathering` and `underWay`, and leave when
/// the store has said yes. If it says no, `head` becomes `durable` again and the senders are told.
package final class RoomMachine {
    package let id: String
    let limits: RoomLimits
    /// The recipe that participants have been told of; that of `head` may wait for the disk.
    var shown: RoomCode
    let epoch: String
    /// What the seeds of all events of the room begin with.
    let seedOfEpoch: UInt64

    var head: RoomState
    var durable: RoomState
    var mailbox = Deque<Work>()
    /// What ran since the last write was handed to the store.
    var gathering: Batch
    /// The write that the store has now.
    var underWay: Batch?
    var tickets: UInt64 = 0

    var sessions: [String: Session] = [:]
    var bySecret: [Hash: Session] = [:]
    var byConnection: [ConnectionID: Session] = [:]
    /// Connections whose `join` is not answered yet.
    var joining: Set<ConnectionID> = []
    /// What such connections have said since.
    var early: [ConnectionID: [RoomInput]] = [:]
    var arrivals = 0
    /// Sessions that wait for their participants.
    var departures = Departures()
    /// Sessions whose end has run and waits for the disk.
    var endings = 0
    /// Whose event began last.
    var speaker: Session?
    /// Sessions whose record on disk is behind.
    var unsaved: [String: Session] = [:]
    var audiences: [Audience] = []
    var backlog: Backlog
    /// How many bytes of memory the notices of all audiences keep, about.
    var noticeBytes = 0
    /// The last commit that is too old to be resumed from.
    var expiredThrough: UInt64 = 0
    var history: CommitHistory
    /// What was added to it since the grounds of what waits were moved up, in bytes.
    var historyGrowth = 0
    var ephemeral = Object()
    var ephemeralChanged: [String] = []
    /// Ephemeral cells that participants have been told of.
    var ephemeralShown: Set<String> = []
    /// Those taken away lately, each with the room's `seq` then, for participants who were away.
    var ephemeralGone = Deque<(cell: String, seq: UInt64)>()
    /// Who has seen no more than the commits before this one may have missed some of them that are no longer known.
    var ephemeralKnownFrom: UInt64 = 0
    /// Nil when who is attached has changed since it was last asked for.
    var participantsCache: [Participant]?

    /// Events whose handlers wait, by their numbers.
    var waiting: [UInt64: EventRun] = [:]
    /// Those among them that ask, by the ids of their questions.
    var asked: [String: EventRun] = [:]
    /// Those whose waits are over.
    var ready: [EventRun] = []
    /// The event that has the room to itself.
    var alone: EventRun?
    /// When its time alone is over.
    var aloneUntil: Int64 = 0
    /// How much of the mailbox comes before another event gets the room to itself.
    var owedTurns = 0
    var runsBegun: UInt64 = 0
    /// Messages of other rooms whose handlers may not wait now.
    var putOff: [Delivery] = []
    /// How much waits in sessions behind an event whose handler waits.
    var queuedBehindWaits = 0
    var faults: FaultInjector?
    /// A change of recipe that the disk refused, until it is tried again.
    var laterReload: RoomReload?
    /// The store's answer that a planned fault holds back.
    var delayed: (ticket: UInt64, result: Result<Void, StoreError>)?

    /// Milliseconds that an event of the next turn may run before it is laid by, to run again from its beginning; nil: its
    /// limits alone end it.
    package var sliceMs: UInt64?
    /// Whether the last turn ended because it laid an event by. That one is the first of the next turn.
    package internal(set) var isCutShort = false
    /// Functions of the recipe that no event called, such as `on.join`, and that used `longRun` instructions: those are not laid by.
    package internal(set) var longOwnRuns = 0
    /// About 10 ms.
    static let longRun: UInt64 = 1_000_000

    var agenda = Agenda()
    /// The newest time that the driver told.
    var lastTime: Int64
    var random: SeededRandom
    /// Work that the room gives itself waits until then after the disk refused.
    var pausedUntil: Int64 = 0
    /// How large the last snapshot was that was written out, kept or not.
    var snapshotBytes = 0
    /// One was handed out and its `.snapshotWritten` has not come.
    var isSnapshotUnderWay = false
    var isClosed = false
    /// The room comes to rest: what is due stays for another time.
    var isDraining = false
    var hasIdled = true
    var outputs: [RoomOutput] = []
    var announcedWake: Int64?
    /// Commits of the turn under way whose facts are still to be written, in their order.
    var unwritten: [FactContent] = []
    /// Reused for facts, so that a commit does not allocate a buffer.
    var sink = ByteSink(keepsKeys: true)
    var hasher = FactHasher()
    package internal(set) var stats = RoomStats()

    /// Opens a room: a new one, or one from the store.
    ///
    /// - Throws: `RoomError.refused` when the recipe cannot go on from what is stored; `corrupt` when its derived cells cannot be
    ///   set up.
    package init(
        opening: RoomOpening, runtime: RecipeRuntime, generation: UInt64 = 0, limits: RoomLimits = RoomLimits(),
        now: Int64
    ) throws(RoomError) {
        self.limits = limits
        self.lastTime = now
        self.history = CommitHistory(limit: limits.backlogMax, bytesMax: limits.backlogBytesMax)
        self.backlog = Backlog(lifetimeMs: limits.sessionTtlMs)
        self.faults = limits.faults.map { FaultInjector($0) }
        switch opening {
        case .create(let id, let input, let epoch, let seed, let key):
            self.id = id
            self.epoch = epoch
            seedOfEpoch = Self.hash(epoch)
            self.random = SeededRandom(seed: seed)
            self.head = try RoomState.empty(RoomCode(runtime, generation: generation, cells: Object()))
            self.durable = head
            self.shown = head.code
            self.gathering = Batch(room: id, base: head)
            mailbox.append(.create(input: input, key))
        case .load(let room, let seed):
            self.id = room.stored.record.id
            self.epoch = room.stored.record.epoch
            seedOfEpoch = Self.hash(epoch)
            self.random = SeededRandom(seed: seed)
            self.head = try RoomState.loaded(room, runtime, generation)
            self.durable = head
            self.shown = head.code
            self.gathering = Batch(room: id, base: head)
            restore(room.stored, now: now)
        case .migrate(let room):
            self.id = room.stored.record.id
            self.epoch = room.stored.record.epoch
            seedOfEpoch = Self.hash(epoch)
            self.random = SeededRandom(seed: 0)
            self.head = try RoomState.unmigrated(room, runtime)
            self.durable = head
            self.shown = head.code
            self.gathering = Batch(room: id, base: head)
            restore(room.stored, now: now)
        }
    }

    /// The recipe of the newest state.
    var runtime: RecipeRuntime { head.code.runtime }
    /// Who may see what, as participants know the room.
    var visibility: Visibility { shown.visibility }
    var namesOfMany: Set<String> { shown.namesOfMany }

    // MARK: - Driving

    /// Takes note of what happened. Queues work or acts at once; runs no handler.
    package func handle(_ input: RoomInput, now: Int64) {
        note(time: now)
        if let connection = input.speaker, joining.contains(connection) {
            return keepEarly(input, from: connection, now: now)
        }
        switch input {
        case .join(let connection, let join):
            joining.insert(connection)
            enqueue(.join(connection, join))
        case .event(let connection, let event): receive(event, on: connection, now: now)
        case .refusedEvent(let connection, let id, let failure):
            if let session = byConnection[connection] { enqueue(.refusedEvent(session, connection, id, failure)) }
        case .message(let connection, let type, let message):
            receive(message: message, type, on: connection, now: now)
        case .answer(let connection, let ask, let data): receiveAnswer(ask, data, on: connection)
        case .set(let connection, let cell, let value): setEphemeral(cell, value, from: connection)
        case .syncRequest(let connection): enqueue(.sync(connection))
        case .identify(let connection, let identity): enqueue(.identify(connection, identity))
        case .leave(let connection):
            if let session = byConnection[connection] { enqueue(.leave(session, connection)) }
        case .disconnected(let connection): detach(connection, now: now)
        case .call(let token, let call): enqueue(.call(token: token, call))
        case .delivery(let delivery): enqueue(.delivery(delivery))
        case .outgoingDone(let id): enqueue(.outgoingDone(id: id))
        case .settled(let id): enqueue(.settled(id: id))
        case .persisted(let ticket, let result): persisted(ticket, result, now: now)
        case .snapshotWritten(let bytes): snapshotWritten(bytes)
        case .tick: break
        case .draining(let isDraining): isDraining ? rest(now: now) : goOn()
        case .close(let closing):
            endAlone()
            enqueue(.close(closing))
        }
        collectDue(now: now)
        announceWake(now: now)
    }

    /// Runs what waits, up to `turnMax` or until the driver wants no more, and hands what it changed to the store.
    ///
    /// - Parameter isOver: asked after each event, so that every turn gets on.
    package func turn(now: Int64, until isOver: () -> Bool = { false }) {
        note(time: now)
        var budget = limits.turnMax
        let reloads = stats.reloads + stats.reloadsRefused
        isCutShort = false
        if mailbox.count > 8 { gathering.reserve(events: min(mailbox.count, budget)) }
        while budget > 0, !isFull, !isCutShort {
            let events = stats.events
            if let run = takeReady() {
                resume(run, now: now)
            } else if alone == nil, let work = mailbox.popFirst() {
                // A change of recipe has a turn of its own, so that whoever drives the room can tell how long it takes.
                if case .reload = work, budget < limits.turnMax {
                    mailbox.prepend(work)
                    break
                }
                owedTurns = max(0, owedTurns - 1)
                run(work, now: now)
            } else {
                break
            }
            if stats.events > events { dropPlanned(now: now) }
            budget -= 1
            if isReloaded(since: reloads) { break }
            if isOver() { break }
        }
        flushEphemeral()
        submit(now: now)
        collectDue(now: now)
        announceWake(now: now)
    }

    /// True while another `turn` would get on.
    package var hasWork: Bool {
        (canTakeReady || alone == nil && !mailbox.isEmpty) && !isFull || !ephemeralChanged.isEmpty
            || underWay == nil && !gathering.isEmpty
    }

    /// What the driver has to carry out now, in order.
    package func takeOutputs() -> [RoomOutput] {
        defer { outputs.removeAll(keepingCapacity: true) }
        return outputs
    }

    /// True when nothing is attached, queued or unwritten: the room may be dropped and loaded again later.
    package var canSleep: Bool {
        byConnection.isEmpty && mailbox.isEmpty && waiting.isEmpty && ready.isEmpty && putOff.isEmpty && underWay == nil
            && gathering.isEmpty && unsaved.isEmpty && laterReload == nil
            && !durable.hasPendingOutgoing && (hasIdled || sessions.isEmpty == false)
    }

    /// When something of the room's own is due next, in ms since 1970; nil for never.
    package var nextDue: Int64? { isDraining ? nil : agenda.nextDue.map { max($0, pausedUntil) } }

    private var isFull: Bool {
        gathering.commits + (underWay?.commits ?? 0) >= limits.nurseryMax
            || gathering.held.count + (underWay?.held.count ?? 0) >= limits.heldMax
    }

    private func enqueue(_ work: Work) { mailbox.append(work) }

    private func isReloaded(since count: Int) -> Bool { stats.reloads + stats.reloadsRefused != count }

    func announceWake(now: Int64) {
        let due = nextDue
        guard due != announcedWake else { return }
        announcedWake = due
        outputs.append(.wake(at: due))
    }

    private func run(_ work: consuming Work, now: Int64) {
        switch consume work {
        case .create(let input, let key): runCreate(input, key, now: now)
        case .join(let connection, let join): runJoin(connection, join, now: now)
        case .event(let session, let connection, let event, let at):
            runEvent(event, of: session, on: connection, at: at, now: now)
        case .refusedEvent(let session, let connection, let id, let failure):
            runRefused(id, failure, of: session, on: connection)
        case .message(let session, let type, let message, let at):
            run(message: message, type, of: session, at: at, now: now)
        case .queued(let session): runQueued(of: session, now: now)
        case .sync(let connection): gathering.hold(.sync(connection))
        case .identify(let connection, let identity): runIdentify(connection, identity)
        case .leave(let session, let connection): runEnd(of: session, leaving: connection, now: now)
        case .expire(let session):
            // Who came back meanwhile, though `joined` waits for the disk, is not to be shown out.
            if session.connection == nil, let due = session.expiresAt, due <= now {
                runEnd(of: session, leaving: nil, now: now)
            }
        case .timer(let id): runTimer(id, now: now)
        case .call(let token, let call): runCall(token, call, now: now)
        case .delivery(let delivery): runDelivery(delivery, now: now)
        case .outgoingDone(let id): runOutgoingDone(id)
        case .settled(let id): runSettled(id)
        case .idle: runIdle(now: now)
        case .reload(let reload): runReload(reload, now: now)
        case .close(let closing): runClose(closing)
        }
    }
}

/// How a room comes to be in memory.
package enum RoomOpening: Sendable {
    /// A new room; nothing is on disk until the first `.persist` has been answered.
    case create(id: String, input: Value, epoch: String, seed: UInt64, key: CallKey? = nil)
    case load(LoadedRoom, seed: UInt64)
    /// As stored by an earlier version of the recipe, for `RoomMigration` alone: nothing is derived yet.
    case migrate(LoadedRoom)
}

/// Counters of a room since it was opened.
package struct RoomStats: Sendable, Hashable {
    package var events = 0
    package var commits = 0
    package var conflicts = 0
    /// Runs after a conflict.
    package var reruns = 0
    /// Events whose bindings were found again before such a run, and those of which one was lost.
    package var reattached = 0
    package var lostBindings = 0
    /// Commits that merged what two transactions had changed.
    package var merges = 0
    /// Waits begun by handlers.
    package var waits = 0
    package var failures = 0
    /// Processes of recipes that died or hung under an event.
    package var processesLost = 0
    package var recomputed = 0
    /// Versions of the recipe taken up, and those that the room could not run.
    package var reloads = 0
    package var reloadsRefused = 0

    package init() {}
}

extension RecipeStamp {
    package init(_ recipe: Recipe) {
        self.init(name: recipe.name, version: recipe.version, hash: recipe.hash)
    }
}
