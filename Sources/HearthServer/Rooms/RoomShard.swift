import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Logging
import NIOCore
import NIOPosix

/// How a room is asked for.
enum RoomOpenMode: Sendable {
    /// The room must be there.
    case existing
    /// It is made from this recipe if it is not there.
    case createIfMissing(recipe: String)
    /// It must not be there.
    /// - Parameter key: whoever made it under this key is told so again.
    case createNew(recipe: String, input: Value, key: CallKey?)
}

/// The rooms of one event loop.
final class RoomShard: @unchecked Sendable {
    // @unchecked because everything but `run` is only touched on `loop`, which each entry checks.
    typealias Opened = @Sendable (Result<RoomDriver, Refusal>) -> Void

    unowned let host: RoomHost
    let loop: any EventLoop
    var rooms: [String: RoomDriver] = [:]
    /// Who waits for a room that is being loaded, made or deleted; they are served in order, one after the other.
    private var queues: [String: [(RoomOpenMode, Opened)]] = [:]
    /// By recipe; and by room for those that try another version.
    private(set) var runtimes: [String: (RecipeRuntime, generation: UInt64)] = [:]
    private var canaries: [String: (RecipeRuntime, generation: UInt64)] = [:]
    /// Versions that only rooms run which cannot run later ones, by hash.
    private var oldRuntimes: [String: RecipeRuntime] = [:]
    /// Messages for rooms that could not take them, in order; tried again every second.
    var mail: [String: [Delivery]] = [:]
    let turns: TurnQueue
    /// Compresses what rooms send; nil when the server does not.
    let press: FramePress?

    /// Where rooms of recipes go that are slow; nil for a shard that is in the slow lane itself.
    let lane: RoomShard?
    /// Recipes that are in the slow lane, and their rooms.
    var departed: [String: Departure] = [:]
    var absent: [String: Absence] = [:]
    /// In the slow lane: the shard whose rooms these are, when each recipe was slow last, and its rooms.
    private unowned var owner: RoomShard?
    var lastSlow: [String: NIODeadline] = [:]
    var guests: [String: Absence] = [:]
    /// Rooms that were forgotten while somebody was there, or something was under way.
    var lingering: [RoomDriver] = []

    /// - Parameter lane: the event loop of the slow lane; nil for a shard that is there.
    /// - Throws: `ServerError` when the process may open no more files.
    init(host: RoomHost, loop: any EventLoop, lane: (any EventLoop)?) throws {
        self.host = host
        self.loop = loop
        press = host.compressBytesMin.map(FramePress.init)
        turns = try TurnQueue(loop: loop)
        self.lane = try lane.map { try RoomShard(host: host, loop: $0, lane: nil) }
        self.lane?.owner = self
    }

    /// The shard that the names of its rooms lead to.
    var home: RoomShard { owner ?? self }

    /// Runs `body` on the loop: now, when this is the loop.
    func run(_ body: @escaping @Sendable (RoomShard) -> Void) {
        if loop.inEventLoop { return body(self) }
        loop.execute { body(self) }
    }

    // MARK: - Seats

    func receive(_ input: SeatInput, from seat: Seat) {
        if passOn(input, from: seat) { return }
        if let driver = seat.driver { return driver.receive(input, from: seat) }
        guard !seat.isGone else { return }
        seat.waiting.append(input)
        guard seat.waiting.count == 1 else { return }
        open(seat.room, seat.mode) { opened in
            switch opened {
            case .success(let driver): Self.admit(seat, to: driver)
            case .failure(let refusal): Self.turnAway(seat, refusal)
            }
        }
    }

    private static func admit(_ seat: Seat, to driver: RoomDriver) {
        guard !seat.isGone else { return }
        driver.admit(seat)
        let waiting = seat.waiting
        seat.waiting = []
        for input in waiting { driver.receive(input, from: seat) }
    }

    /// The room was there when the socket was let in and cannot be had now.
    private static func turnAway(_ seat: Seat, _ refusal: Refusal) {
        seat.waiting = []
        let failure = Failure(
            code: refusal.code, message: refusal.message, retryable: refusal.retryAfter != nil, details: refusal.details
        )
        var sink = ByteSink()
        seat.error(failure, id: nil, into: &sink)
        let orders: [SocketOrder] = [
            .send(.own(ServerFrame.make(payload: sink.bytes))), .close(Closing(refused: failure)),
        ]
        var bags = Mailbags()
        bags.add(orders, for: seat)
        bags.dispatch()
    }

    private func passOn(_ input: SeatInput, from seat: Seat) -> Bool {
        guard !absent.isEmpty else { return false }
        if isOverrun(for: seat.room) {
            var bags = Mailbags()
            bags.add([.close(.overrun(waiting: RoomDriver.keptBackMax))], for: seat)
            bags.dispatch()
            return true
        }
        return passOn(seat.room) { $0.receive(input, from: seat) }
    }

    func leave(_ seat: Seat) {
        if passOn(seat.room, { $0.leave(seat) }) { return }
        if let driver = seat.driver { return driver.leave(seat) }
        seat.isGone = true
    }

    // MARK: - Opening

    /// Hands over the room, after loading or making it where that is needed.
    func open(_ room: String, _ mode: RoomOpenMode, then opened: @escaping Opened) {
        loop.preconditionInEventLoop()
        if passOn(room, { $0.open(room, mode, then: opened) }) { return }
        if queues[room] != nil {
            queues[room, default: []].append((mode, opened))
        } else if let driver = rooms[room] {
            opened(Self.found(driver, mode))
        } else if host.isDraining {
            opened(.failure(.shuttingDown))
        } else if let refusal = host.refusalToWake(loading: queues.count) {
            opened(.failure(refusal))
        } else {
            queues[room] = [(mode, opened)]
            load(room)
        }
    }

    /// A room that is there, for whoever may have wanted to make it.
    private static func found(_ driver: RoomDriver, _ mode: RoomOpenMode) -> Result<RoomDriver, Refusal> {
        guard case .createNew(_, _, let key) = mode else { return .success(driver) }
        return driver.machine.creation(under: key).map { _ in driver }.mapError(Refusal.init)
    }

    func load(_ room: String) {
        let store = host.store
        // Read there as well: other rooms of this loop have no part in it.
        host.readers.runIfActive(eventLoop: loop) { try store.load(room: room).map { try LoadedRoom($0) } }
            .whenComplete { [self] outcome in
                if host.isDraining { return fail(room, .shuttingDown) }
                switch outcome {
                case .success(let loaded?):
                    tell(loaded.stored.passedOver, of: room)
                    wakeUp(room, loaded)
                case .success(nil): make(room)
                case .failure(let error as StoreError): fail(room, unreadable(room, error.message))
                case .failure(let error as RoomError): fail(room, unreadable(room, error.message))
                case .failure(let error): fail(room, unreadable(room, "\(error)"))
                }
            }
    }

    private func tell(_ passedOver: [String], of room: String) {
        for snapshot in passedOver {
            host.logger.warning("snapshot passed over", metadata: ["room": "\(room)", "cause": "\(snapshot)"])
        }
    }

    /// A failed load is not an empty room: the room stays unavailable and says so.
    func unreadable(_ room: String, _ cause: String) -> Refusal {
        host.counters.roomLoadsFailed.add()
        host.logger.error("room not loaded", metadata: ["room": "\(room)", "cause": "\(cause)"])
        return Refusal(
            statusCode: 503, code: "storage_unavailable", message: "the room \"\(room)\" cannot be read: \(cause)",
            retryAfter: 5)
    }

    func begin(_ room: String, _ machine: RoomMachine) -> RoomDriver {
        let driver = RoomDriver(room: room, machine: machine, shard: self)
        rooms[room] = driver
        host.counters.roomsAwake.add()
        driver.carryOut(machine.takeOutputs())
        driver.scheduleNextTurn()
        return driver
    }

    /// The room is there: everyone who waited gets it.
    func serve(_ room: String, _ driver: RoomDriver) {
        for (mode, opened) in queues.removeValue(forKey: room) ?? [] {
            opened(Self.found(driver, mode))
        }
    }

    func fail(_ room: String, _ refusal: Refusal) {
        for (_, opened) in queues.removeValue(forKey: room) ?? [] { opened(.failure(refusal)) }
        letGo(room)
    }

    // MARK: - Making

    /// There is no such room. The first of those who wait that wants to make it does; those before it are refused.
    private func make(_ room: String) {
        while let (mode, opened) = queues[room]?.first {
            queues[room]?.removeFirst()
            switch mode {
            case .existing: opened(.failure(.noRoom(room, autoCreate: host.library.autoCreate)))
            case .createIfMissing(let recipe): return create(room, recipe, .null, nil, opened)
            case .createNew(let recipe, let input, let key): return create(room, recipe, input, key, opened)
            }
        }
        queues[room] = nil
        letGo(room)
    }

    private func create(
        _ room: String, _ recipe: String, _ input: Value, _ key: CallKey?, _ opened: @escaping Opened
    ) {
        if opensBeside(room, recipe, { $0.create(room, recipe, input, key, opened) }) { return }
        do {
            guard mayOpen(recipe) else { throw Refusal.beingMade(room) }
            let (runtime, generation) = try runtime(of: recipe, room: room)
            let machine = try RoomMachine(
                opening: .create(id: room, input: input, epoch: Chance.identifier(), seed: Chance.seed(), key: key),
                runtime: runtime, generation: generation, limits: host.limits, now: WallClock.nowMs())
            if host.library.isMissing(recipe) { throw Refusal.recipeGone(recipe) }
            try host.reserveRoom()
            let driver = begin(room, machine)
            driver.calls[RoomMachine.creationToken] = { driver.shard.created(driver, $0, opened) }
        } catch {
            opened(.failure(error as? Refusal ?? Refusal(Failure(code: "internal", message: "\(error)"))))
            make(room)
        }
    }

    private func created(_ driver: RoomDriver, _ result: Result<Ack, Failure>, _ opened: Opened) {
        let room = driver.room
        host.counters.roomsUnderWay.add(-1)
        switch result {
        case .success:
            host.counters.roomsStored.add()
            host.logger.info("room created", metadata: ["room": "\(room)", "recipe": "\(driver.recipe)"])
            opened(.success(driver))
            serve(room, driver)
        case .failure(let failure):
            forget(driver)
            opened(.failure(Refusal(failure)))
            make(room)
        }
    }

    /// What a recipe derives from stored cells; nothing when it can no longer be loaded or fails on them.
    func derivedCells(of stored: Object, recipe: String, then done: @escaping @Sendable (Object) -> Void) {
        reach(recipe: recipe) { shard in
            let runtime = try? shard.runtime(of: recipe, room: "").0
            done(runtime.flatMap { RoomHistory.derivedCells(of: stored, by: $0) } ?? Object())
        }
    }

    /// The runtime that a room of a recipe begins with, shared by all that run the same version.
    func runtime(of recipe: String, room: String) throws -> (RecipeRuntime, UInt64) {
        guard let entry = host.library.entry(named: recipe, room: room) else {
            throw Refusal.noRecipe(recipe, known: host.library.names)
        }
        for known in [canaries[room], runtimes[recipe]] {
            if let known, known.generation == entry.generation { return known }
        }
        // Not here yet, though the library has it: its own way through this loop finds it done.
        let runtime = try host.library.makeRuntime(of: entry)
        setRuntime(runtime, of: entry, canary: nil)
        return (runtime, entry.generation)
    }

    func setRuntime(_ runtime: RecipeRuntime, of entry: RecipeLibrary.Entry, canary room: String?) {
        if let room {
            canaries[room] = (runtime, entry.generation)
        } else if runtimes[entry.source.name]?.generation ?? 0 <= entry.generation {
            runtimes[entry.source.name] = (runtime, entry.generation)
            canaries = canaries.filter { $0.value.0.recipe.name != entry.source.name }
        }
    }

    func oldRuntime(of source: RecipeSource) throws -> RecipeRuntime {
        if let runtime = oldRuntimes[source.hash] { return runtime }
        do throws(RecipeError) {
            let runtime = try RecipeRuntime(
                source, limits: host.library.limits.limits(of: source.name), isolation: host.library.isolation)
            oldRuntimes[source.hash] = runtime
            return runtime
        } catch {
            throw Refusal(
                statusCode: 503, code: "recipe_unavailable",
                message: "the version of \"\(source.name)\" that wrote the room cannot be run: \(error.message)")
        }
    }

    // MARK: - Changing loops

    /// Lets go of a recipe, its rooms and who waits for them.
    func pack(_ recipe: String) -> Household {
        var household = Household(recipe: recipe)
        household.drivers = rooms.values.filter { $0.recipe == recipe }
        household.lingering = lingering.filter { $0.recipe == recipe }
        lingering.removeAll { $0.recipe == recipe }
        for driver in household.drivers {
            rooms[driver.room] = nil
            household.queues[driver.room] = queues.removeValue(forKey: driver.room)
        }
        for driver in household.drivers + household.lingering { driver.leaveLoop() }
        household.runtime = runtimes.removeValue(forKey: recipe)
        household.canaries = canaries.filter { $0.value.0.recipe.name == recipe }
        household.oldRuntimes = oldRuntimes.filter { $0.value.recipe.name == recipe }
        for room in household.canaries.keys { canaries[room] = nil }
        for hash in household.oldRuntimes.keys { oldRuntimes[hash] = nil }
        return household
    }

    /// Takes in what another shard has let go of.
    func unpack(_ household: Household) {
        runtimes[household.recipe] = household.runtime
        canaries.merge(household.canaries) { _, new in new }
        oldRuntimes.merge(household.oldRuntimes) { _, new in new }
        queues.merge(household.queues) { $1 + $0 }
        lingering += household.lingering
        for driver in household.drivers { rooms[driver.room] = driver }
        for driver in household.drivers + household.lingering { driver.settle(on: self) }
    }

    /// Whether a room that was forgotten is still being left.
    func isBeingLeft(_ room: String) -> Bool {
        lingering.removeAll { $0.isAtRest }
        return lingering.contains { $0.room == room }
    }

    func hasQueue(for room: String) -> Bool { queues[room] != nil }

    func takeQueue(of room: String) -> [(RoomOpenMode, Opened)] { queues.removeValue(forKey: room) ?? [] }

    func putQueue(_ queue: [(RoomOpenMode, Opened)], of room: String) {
        queues[room] = queue + (queues[room] ?? [])
    }
}
