import HearthRecipes
import HearthRooms
import Logging
import NIOCore

/// Recipes on their way between the event loop of their rooms and the slow lane.
///
/// A recipe goes as a whole: its rooms, their drivers and the runtime that they share, in one step, so that at no time two
/// loops have any of it. Sockets and other rooms go on asking the shard that a room's name leads to; what it gets
/// for a room that is away it passes on, in order. A recipe that has behaved for `RoomHost.slowStay` is called back: from the call
/// until it is here what comes for its rooms waits.
extension RoomShard {
    /// Something to be done at a room, on the event loop where it is.
    typealias Errand = @Sendable (RoomShard) -> Void

    /// A recipe whose rooms are in the slow lane.
    struct Departure {
        /// It was called back; what its rooms are to get meanwhile waits.
        var isRecalled = false
        var waiting: [Errand] = []
    }

    /// A room that is in the slow lane, or was the last time that it was awake.
    struct Absence {
        let recipe: String
        /// How many errands were passed on.
        var errands: UInt64 = 0
    }

    /// What changes loops with a recipe.
    struct Household: @unchecked Sendable {
        // @unchecked because whoever packed it has let go of everything in it.
        let recipe: String
        var drivers: [RoomDriver] = []
        /// Those that were forgotten and are still being left.
        var lingering: [RoomDriver] = []
        var queues: [String: [(RoomOpenMode, Opened)]] = [:]
        var runtime: (RecipeRuntime, generation: UInt64)?
        var canaries: [String: (RecipeRuntime, generation: UInt64)] = [:]
        var oldRuntimes: [String: RecipeRuntime] = [:]
    }

    // MARK: - Reaching a room

    /// Runs an errand where the room is: at once when that is here, else as soon as that loop comes to it. Errands of a
    /// room run in the order in which they were given.
    func reach(_ room: String, _ errand: @escaping Errand) {
        loop.preconditionInEventLoop()
        if !passOn(room, errand) { errand(self) }
    }

    /// - Returns: false when the room is not away; then nothing was done.
    func passOn(_ room: String, _ errand: @escaping Errand) -> Bool {
        guard !absent.isEmpty, let absence = absent[room] else { return false }
        absent[room]?.errands = absence.errands + 1
        send(errand, of: room, number: absence.errands + 1, absence.recipe)
        return true
    }

    private func send(_ errand: @escaping Errand, of room: String, number: UInt64, _ recipe: String) {
        send(toHouseholdOf: recipe) { shard in
            if shard.home !== shard { shard.guests[room] = Absence(recipe: recipe, errands: number) }
            errand(shard)
        }
    }

    private func send(toHouseholdOf recipe: String, _ errand: @escaping Errand) {
        guard let lane else { return errand(self) }
        if departed[recipe]?.isRecalled == true {
            departed[recipe]?.waiting.append(errand)
        } else {
            lane.loop.execute { errand(lane) }
        }
    }

    /// Whether so much waits for recipes that come back that a socket has to stop sending.
    func isOverrun(for room: String) -> Bool {
        guard !absent.isEmpty, let absence = absent[room], let departure = departed[absence.recipe] else {
            return false
        }
        return departure.waiting.count >= RoomDriver.keptBackMax
    }

    /// The slow lane has rooms of recipes only that are in it.
    func mayOpen(_ recipe: String) -> Bool { home === self || lastSlow[recipe] != nil }

    /// Runs an errand where the runtime of a recipe is.
    func reach(recipe: String, _ errand: @escaping Errand) {
        if departed[recipe] == nil { errand(self) } else { send(toHouseholdOf: recipe, errand) }
    }

    /// Opens a room where its recipe is, if that is away.
    ///
    /// - Parameter errand: opens it; whoever waits for the room goes along.
    /// - Returns: false when the recipe is here; then nothing was done.
    func opensBeside(_ room: String, _ recipe: String, _ errand: @escaping Errand) -> Bool {
        guard departed[recipe] != nil else { return false }
        guard !isBeingLeft(room) else {
            fail(room, .beingMade(room))
            return true
        }
        let queue = takeQueue(of: room)
        absent[room] = Absence(recipe: recipe, errands: absent[room]?.errands ?? 0)
        return passOn(room) { shard in
            shard.putQueue(queue, of: room)
            errand(shard)
        }
    }

    // MARK: - Going

    /// A recipe has used its loop for longer than others can be kept waiting: it goes to the slow lane, or stays there.
    ///
    /// - Returns: false when it has to stay on this loop.
    func noteSlow(_ recipe: String, because room: String) -> Bool {
        if home === self { return moveToLane(recipe, because: room) }
        lastSlow[recipe] = .now()
        return true
    }

    private func moveToLane(_ recipe: String, because room: String) -> Bool {
        // A room that is being left here keeps its name until then: another of that name, of this recipe, cannot go.
        let left = Set(lingering.filter { $0.recipe != recipe && !$0.isAtRest }.map(\.room))
        guard let lane, departed[recipe] == nil, !host.isDraining,
            left.isEmpty || !rooms.values.contains(where: { $0.recipe == recipe && left.contains($0.room) })
        else { return false }
        host.counters.recipesSlow.add()
        host.logger.notice(
            "recipe moved to the slow lane",
            metadata: ["recipe": "\(recipe)", "room": "\(room)"])
        let household = pack(recipe)
        departed[recipe] = Departure()
        host.slowLane.add(ShardSample(of: household), to: lane)
        for driver in household.drivers + household.lingering { absent[driver.room] = Absence(recipe: recipe) }
        lane.loop.execute { lane.welcome(household) }
        return true
    }

    private func welcome(_ household: Household) {
        lastSlow[household.recipe] = .now()
        for driver in household.drivers + household.lingering {
            guests[driver.room] = Absence(recipe: household.recipe)
        }
        unpack(household)
    }

    // MARK: - Coming back

    /// Asks for the return of recipes that have behaved for long enough. For the slow lane.
    func sendHome() {
        guard home !== self, !host.isDraining else { return }
        let home = home
        for room in guests.keys where rooms[room] == nil { letGo(room) }
        host.slowLane.note(sample(), of: self)
        for (recipe, time) in lastSlow where NIODeadline.now() - time > host.slowStay {
            home.loop.execute { home.recall(recipe) }
        }
    }

    private func recall(_ recipe: String) {
        guard let lane, departed[recipe]?.isRecalled == false, !host.isDraining else { return }
        departed[recipe]?.isRecalled = true
        lane.loop.execute { lane.release(recipe) }
    }

    /// A recipe of which a room is just being loaded stays, and so does everything while the server stops.
    private func release(_ recipe: String) {
        let home = home
        let isBusy = guests.contains { room, guest in
            guest.recipe == recipe && rooms[room] == nil && hasQueue(for: room)
        }
        guard !isBusy, !host.isDraining else {
            return home.loop.execute { home.takeBack(nil, recipe) }
        }
        let household = pack(recipe)
        lastSlow[recipe] = nil
        guests = guests.filter { $0.value.recipe != recipe }
        host.slowLane.note(sample(), of: self)
        home.loop.execute { home.takeBack(household, recipe) }
    }

    private func takeBack(_ household: Household?, _ recipe: String) {
        let waiting = departed[recipe]?.waiting ?? []
        guard let household else {
            departed[recipe] = Departure()
            for errand in waiting { send(toHouseholdOf: recipe, errand) }
            return
        }
        departed[recipe] = nil
        absent = absent.filter { $0.value.recipe != recipe }
        unpack(household)
        host.logger.notice("recipe is back from the slow lane", metadata: ["recipe": "\(recipe)"])
        for errand in waiting { errand(self) }
    }

    /// A room in the slow lane has gone to sleep, was deleted, or never came to be: its shard may forget that it was here, if it
    /// has sent nothing since.
    func letGo(_ room: String) {
        guard home !== self, rooms[room] == nil, !hasQueue(for: room), !isBeingLeft(room),
            let guest = guests.removeValue(forKey: room)
        else { return }
        let home = home
        home.loop.execute {
            guard let absence = home.absent[room], absence.errands == guest.errands else { return }
            home.absent[room] = nil
        }
    }
}
