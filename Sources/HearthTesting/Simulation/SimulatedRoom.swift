package import HearthRecipes
package import HearthRooms
import HearthStore
package import HearthValues
import HearthWire

/// Drives a room machine as the server does, without sockets, with a store in memory and a clock that moves only when
/// told: each step of it can be taken alone, in any order that a server could come to.
package final class SimulatedRoom {
    package let id: String
    private(set) var runtime: RecipeRuntime
    /// How many versions of the recipe the room has been given.
    private var generation: UInt64 = 0
    let store = MemoryStore()
    private let seed: UInt64
    private let limits: RoomLimits
    private(set) var machine: RoomMachine
    /// Where virtual time begins: 2026-01-01 00:00:00 UTC.
    package static let firstMoment: Int64 = 1_767_225_600_000
    package internal(set) var now = SimulatedRoom.firstMoment
    package internal(set) var participants: [SimulatedParticipant] = []
    var connections: [ConnectionID: SimulatedParticipant] = [:]
    /// Writes that the disk has been given and not answered.
    var writes: [(write: RoomWrite, ticket: UInt64)] = []
    /// Messages for other rooms, and those from other rooms that were taken.
    package var outgoing: [Delivery] = []
    package var taken: [Delivery] = []
    package var settled: [(id: String, room: String)] = []
    package var called: [UInt64: Result<Ack, Failure>] = [:]
    /// When something of the room's own is due.
    package internal(set) var wakeAt: Int64?
    /// What happened, for people; kept only when asked for.
    package var story: [String] = []
    package var tellsStory = false
    /// Whether it looks for what no recipe should do, and runs every handler twice.
    package let explores: Bool
    /// The first thing that it found, and the line of the recipe behind it.
    package internal(set) var complaints: [String] = []
    /// By the seed of the event: the lines that wrote, and the line that waits.
    var writers: [UInt64: [(cell: String, place: SourcePlace)]] = [:]
    var waitsAt: [UInt64: SourcePlace] = [:]
    /// By cell.
    var deletions: [String: Deletion] = [:]
    var mergeLaws = MergeLaws()
    /// Whose sessions they are, from before the participants know.
    private var owners: [String: String] = [:]
    private var nextConnection = 0
    private var nextToken: UInt64 = 0
    /// Versions that the room has been given and not taken up yet, and how it took those before.
    private var coming: [UInt64: RecipeRuntime] = [:]
    private var reloaded: [UInt64: ReloadReport] = [:]
    /// How the room took the version that it was given last.
    package var lastReload: ReloadReport? { reloaded[generation] }
    private var restarts: UInt64 = 0
    private var statsBefore = RoomStats()

    /// - Throws: what `on.create` or the checks of the recipe said, or why the machine could not be made.
    package init(
        id: String, runtime: RecipeRuntime, input: Value = .null, seed: UInt64, limits: RoomLimits = RoomLimits(),
        explores: Bool = false
    ) throws {
        var limits = limits
        limits.checksRuns = limits.checksRuns || explores
        self.limits = limits
        self.explores = explores
        self.id = id
        self.runtime = runtime
        self.seed = seed
        machine = try RoomMachine(
            opening: .create(id: id, input: input, epoch: "e1", seed: seed), runtime: runtime, limits: limits,
            now: now)
        run()
        if case .failure(let failure)? = called[0] { throw failure }
    }

    // MARK: - Steps

    /// Whether the machine would get on.
    package var hasStep: Bool { machine.hasWork }
    package var hasWrite: Bool { !writes.isEmpty }

    /// Takes one piece of work from the mailbox.
    package func step() {
        let before = Set(machine.waits)
        if explores { watchRuns() }
        machine.turn(now: now) { true }
        runtime.observer = nil
        for wait in machine.waits where !before.contains(wait) {
            note("`\(wait.event)` of \(label(of: wait.session)) waits" + (wait.run > 1 ? ", in run \(wait.run)" : ""))
            if let place = waitsAt[wait.seed] { quote([place]) }
        }
        carryOut()
        if explores { noteMergedCells() }
    }

    /// The disk answers its oldest write.
    package func settleWrite() {
        guard !writes.isEmpty else { return }
        let (write, ticket) = writes.removeFirst()
        do throws(StoreError) {
            try store.commit([write])
            machine.handle(.persisted(ticket: ticket, .success(())), now: now)
        } catch {
            machine.handle(.persisted(ticket: ticket, .failure(error)), now: now)
        }
        carryOut()
    }

    /// Everything up to the moment when nothing is left to do but to wait.
    package func run() {
        repeat {
            while machine.hasWork || hasWrite {
                if machine.hasWork { step() }
                settleWrite()
            }
            for participant in participants where participant.hasFrames { participant.deliver() }
        } while machine.hasWork || hasWrite
    }

    /// Lets time pass until the next thing is due, at most until `end`.
    ///
    /// - Returns: whether something was due by then.
    package func pass(until end: Int64) -> Bool {
        let due = wakeAt.map { max(now, $0) }
        let next = min(due ?? end, end)
        if next > now { note("\(next - now) ms pass") }
        now = next
        handle(.tick)
        return due.map { $0 <= end } ?? false
    }

    func handle(_ input: RoomInput) {
        machine.handle(input, now: now)
        carryOut()
    }

    // MARK: - Participants

    /// - Parameter label: how stories call it; nil: by its name.
    package func admit(name: String?, identity: Identity?, label: String? = nil) -> SimulatedParticipant {
        let place = participants.count
        let label = label ?? name ?? identity?.name ?? identity?.user ?? "participant \(place + 1)"
        let participant = SimulatedParticipant(
            place: place, label: label, room: self, name: name, identity: identity)
        participants.append(participant)
        participant.enter(keepsReplica: false)
        return participant
    }

    func connect(_ participant: SimulatedParticipant) -> ConnectionID {
        nextConnection += 1
        connections[nextConnection] = participant
        return nextConnection
    }

    func hangUp(_ connection: ConnectionID) { connections[connection] = nil }

    func receive(_ frame: [UInt8], from participant: SimulatedParticipant, on connection: ConnectionID) {
        let trace = "t\(connection)"
        do throws(WireError) {
            switch try ClientMessage.decode(frame) {
            case .join(let fields):
                owners["s\(connection)"] = participant.label
                let fresh = SessionCredentials(id: "s\(connection)", secret: "secret\(connection)")
                handle(
                    .join(
                        connection,
                        Join(
                            resume: fields.resume, since: fields.since, epoch: fields.epoch, name: fields.name,
                            identity: participant.identity, trace: trace, fresh: fresh)))
            case .event(let fields):
                let event = Event(
                    id: fields.id, name: fields.name, data: fields.data, basis: fields.basis, strict: fields.strict)
                handle(.event(connection, event))
            case .answer(let ask, let data): handle(.answer(connection, ask: ask, data: data))
            case .set(let cell, let value): handle(.set(connection, cell: cell, value: value))
            case .syncRequest: handle(.syncRequest(connection))
            case .leave: handle(.leave(connection))
            case .auth, .ping: break
            }
        } catch {
            guard let id = error.event else {
                return participant.inbox.append(
                    IncomingFrame(bytes: Frames.error(error, id: nil, trace: trace)))
            }
            handle(.refusedEvent(connection, id: id, Failure(error)))
        }
    }

    // MARK: - The server's side

    /// - Returns: the token under which `called` will have the answer.
    package func call(_ name: String, _ data: Value) -> UInt64 {
        nextToken += 1
        note("the server calls `\(name)` \(JSON.text(data))")
        handle(.call(token: nextToken, ServerCall(name: name, data: data)))
        return nextToken
    }

    package func deliver(_ delivery: Delivery) { handle(.delivery(delivery)) }
    package func confirm(_ delivery: Delivery) { handle(.outgoingDone(id: delivery.id)) }
    package func settle(_ id: String) { handle(.settled(id: id)) }

    /// The next commits of a handler meet a conflict.
    package func forceConflicts(of handler: String, times: Int) {
        note("the next commit of `\(handler)` will meet a conflict")
        machine.forceConflicts(of: handler, times: times)
    }

    package func discardVM() throws {
        note("the Lua VM is thrown away")
        try runtime.discardVM()
    }

    /// Stops without a word, as a killed process does, opens the room again from the store, and lets those who were
    /// connected return.
    package func restart() throws {
        guard let stored = try store.load(room: id) else { return }
        note("the server is killed and starts again")
        let present = participants.filter(\.isConnected)
        for participant in present { participant.forgetConnection() }
        writes = []
        statsBefore += machine.stats
        restarts += 1
        wakeAt = nil
        try open(stored)
        carryOut()
        for participant in present { participant.enter(keepsReplica: true) }
    }

    /// As the server does: a room that was last written by another version is migrated before it is opened.
    private func open(_ stored: StoredRoom) throws {
        var room = try LoadedRoom(stored)
        if RoomMigration.mayBeNeeded(for: stored, by: runtime.recipe),
            let write = try RoomMigration(of: room, to: runtime, now: now).write
        {
            try store.commit([write])
            if let migrated = try store.load(room: id) { room = try LoadedRoom(migrated) }
        }
        machine = try RoomMachine(
            opening: .load(room, seed: seed &+ restarts), runtime: runtime, generation: generation,
            limits: limits,
            now: now)
    }

    /// Gives the room another version of its recipe, which it takes up after what it has to do already.
    package func reload(to runtime: RecipeRuntime) {
        generation += 1
        note("the recipe is reloaded: version \(runtime.recipe.version)")
        machine.reload(RoomReload(runtime, generation: generation), now: now)
        coming[generation] = runtime
        carryOut()
    }

    /// The room has said how it took a version.
    func noteReloaded(_ report: ReloadReport) {
        let runtime = coming.removeValue(forKey: report.generation)
        reloaded[report.generation] = report
        switch report.outcome {
        case .swapped:
            if let runtime { self.runtime = runtime }
            if report.lostWaits > 0 { note("\(report.lostWaits) waiting handlers are not in it") }
        case .passedOver: break
        case .refused(let failure): note("the room cannot run it: \(failure.message)")
        }
    }

    package var cells: Object { machine.cells }
    package var recipe: Recipe { runtime.recipe }

    /// Over all restarts.
    package var stats: RoomStats {
        var all = statsBefore
        all += machine.stats
        return all
    }

    /// Handlers that wait.
    package var waits: Int { machine.waits.count }
    /// Whether time would get a handler on.
    package var waitsForTime: Bool { wakeAt != nil && waits > 0 }

    /// Lets everyone who is connected ask for all cells, and compares them with what its replica holds by then.
    ///
    /// - Returns: what should never happen.
    package func checkReplicas() -> [String] {
        run()
        for participant in participants where participant.isConnected { participant.askForEverything() }
        run()
        return participants.flatMap(\.faults)
    }

    // MARK: - Story

    func note(_ line: @autoclosure () -> String) {
        if tellsStory { story.append(line()) }
    }

    func label(of session: String?) -> String {
        guard let session else { return "the room" }
        return owners[session] ?? session
    }

    private func carryOut() {
        for output in machine.takeOutputs() { carryOut(output) }
    }
}

extension RoomStats {
    static func += (left: inout RoomStats, right: RoomStats) {
        left.events += right.events
        left.commits += right.commits
        left.conflicts += right.conflicts
        left.reruns += right.reruns
        left.reattached += right.reattached
        left.lostBindings += right.lostBindings
        left.merges += right.merges
        left.waits += right.waits
        left.failures += right.failures
        left.recomputed += right.recomputed
        left.reloads += right.reloads
        left.reloadsRefused += right.reloadsRefused
    }
}
