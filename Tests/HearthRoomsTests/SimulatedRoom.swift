import HearthLua
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// Drives a room machine as the server does, with an in-memory store and a clock that only moves when told.
final class SimulatedRoom {
    enum Disk { case works, held, full }

    let store: any RoomStore
    private(set) var source: RecipeSource
    let limits: RoomLimits
    let isolation: RecipeIsolation
    let id: String
    private(set) var runtime: RecipeRuntime
    var machine: RoomMachine
    var now: Int64 = 1_000_000
    var disk = Disk.works
    var clients: [ConnectionID: SimulatedClient] = [:]
    var transcript: [String] = []
    var called: [UInt64: Result<Ack, Failure>] = [:]
    var deliveries: [Delivery] = []
    /// The messages of other rooms that were taken, by their ids.
    var delivered: [String] = []
    /// What other rooms are told that they do not get again, and which.
    var settled: [(id: String, room: String)] = []
    var wakeAt: Int64?
    private var waiting: [(RoomWrite, UInt64)] = []
    /// Snapshots on their way to the store.
    private var snapshots: [RoomSnapshot] = []
    /// Whether they get there.
    var snapshotDisk = Disk.works
    private var nextConnection = 0
    var reports: [ReloadReport] = []
    var log: [RoomLogEntry] = []
    private var generation: UInt64 = 0
    private var sources: [UInt64: RecipeSource] = [:]

    init(
        _ lua: String, modules: [HearthRecipes.SourceFile] = [], id: String = "lobby",
        limits: RoomLimits = RoomLimits(), input: Value = .null,
        store: any RoomStore = MemoryStore(), isolation: RecipeIsolation = .none
    ) throws {
        self.isolation = isolation
        self.store = store
        self.id = id
        // Whatever is rolled back in a test, all of the room is compared before and after.
        var limits = limits
        limits.checksRollback = true
        self.limits = limits
        source = RecipeSource(name: "test", files: [.init(path: "recipe.lua", text: lua)] + modules)
        runtime = try RecipeRuntime(source, isolation: isolation)
        machine = try RoomMachine(
            opening: .create(id: id, input: input, epoch: "e1", seed: 7), runtime: runtime,
            limits: limits, now: now)
        pump()
    }

    /// Stops without a word, as a killed process does, and opens the room again from the store.
    func restart() throws {
        waiting = []
        // Where only the room was put to sleep, those on their way still arrive, and nobody is told.
        for snapshot in snapshots where snapshotDisk != .full { try store.keep(snapshot.written(), of: id) }
        snapshots = []
        clients = [:]
        guard let stored = try store.load(room: id) else { throw SimulationError.roomIsGone }
        try open(stored, source)
    }

    /// Opens what is stored with a version of the recipe, as a server does that was started with it.
    func open(_ stored: StoredRoom, _ source: RecipeSource) throws {
        var room = try LoadedRoom(stored)
        self.source = source
        runtime = try RecipeRuntime(source, isolation: isolation)
        if RoomMigration.mayBeNeeded(for: stored, by: runtime.recipe),
            let write = try RoomMigration(of: room, to: runtime, limits: limits, now: now).write
        {
            try store.commit([write])
            if let migrated = try store.load(room: id) { room = try LoadedRoom(migrated) }
        }
        machine = try RoomMachine(
            opening: .load(room, seed: 8), runtime: runtime, generation: generation, limits: limits,
            now: now)
        pump()
    }

    /// Gives the room another version of its recipe without waiting for it.
    func startReload(_ lua: String, modules: [HearthRecipes.SourceFile] = []) throws {
        generation += 1
        let source = RecipeSource(name: "test", files: [.init(path: "recipe.lua", text: lua)] + modules)
        sources[generation] = source
        machine.reload(RoomReload(try RecipeRuntime(source, isolation: isolation), generation: generation), now: now)
        carryOut()
    }

    @discardableResult
    func reload(_ lua: String, modules: [HearthRecipes.SourceFile] = []) throws -> ReloadReport? {
        try startReload(lua, modules: modules)
        pump()
        return reports.last { $0.generation == generation }
    }

    var recipe: Recipe { runtime.recipe }

    func discardVM() throws { try runtime.discardVM() }

    enum SimulationError: Error { case roomIsGone }

    // MARK: - Doing

    func handle(_ input: RoomInput) {
        machine.handle(input, now: now)
        carryOut()
    }

    /// Runs until nothing is left to do.
    func pump() {
        carryOut()
        while machine.hasWork || !waiting.isEmpty && disk != .held {
            machine.turn(now: now)
            carryOut()
            settleWrites()
        }
        carryOut()
    }

    /// Lets time pass, stopping at everything that becomes due.
    func advance(_ ms: Int64) {
        let end = now + ms
        while let wake = wakeAt, wake <= end {
            now = max(now, wake)
            handle(.tick)
            pump()
            if wakeAt == wake { break }
        }
        now = end
        handle(.tick)
        pump()
    }

    func settleWrites() {
        guard disk != .held else { return }
        let writes = waiting
        waiting = []
        for (write, ticket) in writes {
            if disk == .full {
                machine.handle(.persisted(ticket: ticket, .failure(.full(detail: "test"))), now: now)
            } else {
                do {
                    try store.commit([write])
                    machine.handle(.persisted(ticket: ticket, .success(())), now: now)
                } catch {
                    machine.handle(.persisted(ticket: ticket, .failure(error)), now: now)
                }
            }
            carryOut()
        }
        keepSnapshots()
    }

    private func keepSnapshots() {
        guard snapshotDisk != .held else { return }
        let made = snapshots.map { $0.written() }
        snapshots = []
        for snapshot in made {
            if snapshotDisk == .works { try? store.keep(snapshot, of: id) }
            handle(.snapshotWritten(bytes: snapshot.state.count))
        }
    }

    func join(
        name: String? = nil, state: StateRequest = .full, identity: Identity? = nil,
        resume: SimulatedClient? = nil, connection: ConnectionID? = nil
    ) -> SimulatedClient {
        nextConnection += 1
        // As the server does, numbers of connections that are gone may be given away again.
        let client = SimulatedClient(connection: connection ?? nextConnection, room: self)
        clients[client.connection] = client
        var join = Join(
            name: name, state: state, identity: identity, trace: "t\(nextConnection)",
            fresh: SessionCredentials(id: "s\(nextConnection)", secret: "secret\(nextConnection)"))
        if let resume {
            join.resume = resume.secret
            join.since = resume.seq
            join.epoch = resume.epoch
            client.take(over: resume)
        }
        handle(.join(client.connection, join))
        pump()
        return client
    }

    // MARK: - Outputs

    private func carryOut() {
        for output in machine.takeOutputs() { carryOut(output) }
    }

    private func carryOut(_ output: RoomOutput) {
        switch output {
        case .joined(let connection, let joined):
            joined.audience.attach(connection)
            clients[connection]?.joined(joined)
        case .refused(let connection, let failure): clients[connection]?.refused = failure
        case .commit(let notice, let audience):
            transcript.append("commit \(notice.seq) \(notice.event ?? "-") \(JSON.text(notice.patch.json))")
            for connection in audience.connections { clients[connection]?.commit(notice) }
        case .missed(let notice, let connection): clients[connection]?.commit(notice)
        case .ack(let connection, let ack): clients[connection]?.acks.append(ack)
        case .error(let connection, let id, let failure): clients[connection]?.errors.append((id, failure))
        case .signal(let notice, let connections):
            for connection in connections { clients[connection]?.signals.append(notice) }
        case .ephemeral(let patch, let audience):
            for connection in audience.connections { clients[connection]?.ephemeral(patch) }
        case .ephemeralTo(let connection, let patch): clients[connection]?.ephemeral(patch)
        case .syncResponse(let connection, let sync): clients[connection]?.sync(sync)
        case .bye(let connection, let bye):
            clients[connection]?.bye = bye
        case .cut(let connection): clients[connection]?.isCut = true
        case .ask(let connection, let ask): clients[connection]?.asks.append(ask)
        case .called(let token, let result): called[token] = result
        case .persist(let write, let ticket): waiting.append((write, ticket))
        case .snapshot(let snapshot): snapshots.append(snapshot)
        case .deliver(let delivery): deliveries.append(delivery)
        case .wake(let at): wakeAt = at
        case .delivered(let delivery): delivered.append(delivery.id)
        case .settled(let id, let room): settled.append((id, room))
        case .moved(let connection, let old, let new):
            old.detach(connection)
            new.attach(connection)
        case .reload(let stamp):
            for client in clients.values where !client.session.isEmpty { client.reloads.append(stamp) }
        case .reloaded(let report):
            reports.append(report)
            if case .swapped = report.outcome, let source = sources[report.generation] { self.source = source }
        case .log(let entry): log.append(entry)
        }
    }
}

/// A participant with a replica of its own, fed by nothing but what the room sends.
final class SimulatedClient {
    let connection: ConnectionID
    unowned let room: SimulatedRoom
    var secret = ""
    var session = ""
    var epoch = ""
    var seq: UInt64 = 0
    var replica = Value.object(Object())
    var nextEvent: Int64 = 1
    var acks: [Ack] = []
    var errors: [(id: Int64?, failure: Failure)] = []
    var signals: [SignalNotice] = []
    var commits: [CommitNotice] = []
    var refused: Failure?
    var bye: Bye?
    var isCut = false
    var asks: [Ask] = []
    var reloads: [RecipeStamp] = []
    var lastJoined: Joined?
    var faults: [String] = []
    /// Whether whole states that are sent to it do not arrive, as when the connection breaks before them.
    var losesState = false

    init(connection: ConnectionID, room: SimulatedRoom) {
        self.connection = connection
        self.room = room
    }

    func take(over earlier: SimulatedClient) {
        replica = earlier.replica
        seq = earlier.seq
        epoch = earlier.epoch
        secret = earlier.secret
    }

    var cells: Object {
        guard case .object(let object) = replica else { return Object() }
        return object
    }

    /// Sends the next event without waiting for its answer.
    func start(_ name: String, _ data: Value = .object([:]), basis: UInt64? = nil, strict: Bool = false) {
        room.handle(
            .event(connection, Event(id: nextEvent, name: name, data: data, basis: basis, strict: strict)))
        nextEvent += 1
    }

    func send(_ name: String, _ data: Value = .object([:]), basis: UInt64? = nil, strict: Bool = false) {
        start(name, data, basis: basis, strict: strict)
        room.pump()
    }

    func answer(_ ask: String, _ data: Value) {
        room.handle(.answer(connection, ask: ask, data: data))
        room.pump()
    }

    func disconnect() {
        room.handle(.disconnected(connection))
        room.pump()
        room.clients[connection] = nil
    }

    // MARK: - What the room says

    func joined(_ joined: Joined) {
        lastJoined = joined
        session = joined.session
        secret = joined.resume
        epoch = joined.epoch
        nextEvent = joined.lastEvent + 1
        if let cells = joined.cells {
            replica = .object(cells)
            seq = joined.seq
        }
    }

    func commit(_ notice: CommitNotice) {
        if notice.seq != seq + 1 { faults.append("commit \(notice.seq) came after \(seq)") }
        seq = notice.seq
        commits.append(notice)
        do { try notice.patch.apply(to: &replica) } catch {
            faults.append("commit \(notice.seq) does not apply: \(error) \(JSON.text(notice.patch.json))")
        }
    }

    func ephemeral(_ patch: Patch) {
        do { try patch.apply(to: &replica) } catch { faults.append("ephemeral patch does not apply: \(error)") }
    }

    func sync(_ sync: Sync) {
        if losesState { return }
        replica = .object(sync.cells)
        seq = sync.seq
    }
}

extension Value {
    /// Elements of a list or keys of an object.
    var count: Int? { list?.count ?? object?.count }
}
