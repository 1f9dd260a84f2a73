import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Logging
import NIOCore

/// Other versions of recipes in the rooms of one event loop, and rooms that wake behind the version of theirs.
extension RoomShard {
    /// Has the rooms of a recipe take up a version, each between two of its commits.
    ///
    /// - Parameters:
    ///   - room: the only room that is to take it; nil: all, and those that wake later.
    ///   - done: follows when each room that is awake has said how it took it.
    func reload(
        _ entry: RecipeLibrary.Entry, _ parcel: RuntimeParcel, only room: String?,
        then done: @escaping @Sendable ([RecipeReloadResult.RoomOutcome]) -> Void
    ) {
        loop.preconditionInEventLoop()
        guard !host.isDraining else { return done([]) }
        if let room, host.shard(of: room) !== self { return done([]) }
        let name = entry.source.name
        reach(recipe: name) { shard in
            guard let runtime = parcel.take() else { return done([]) }
            shard.setRuntime(runtime, of: entry, canary: room)
            guard room == nil else { return }
            let drivers = shard.rooms.values.filter { $0.recipe == name }
            Self.reload(drivers, RoomReload(runtime, generation: entry.generation), then: done)
        }
        guard let room else { return }
        open(room, .existing) { opened in
            guard case .success(let driver) = opened, driver.recipe == name,
                let (runtime, generation) = try? driver.shard.runtime(of: name, room: room)
            else { return done([]) }
            Self.reload([driver], RoomReload(runtime, generation: generation), then: done)
        }
    }

    private static func reload(
        _ drivers: [RoomDriver], _ reload: RoomReload,
        then done: @escaping @Sendable ([RecipeReloadResult.RoomOutcome]) -> Void
    ) {
        var left = drivers.count
        var outcomes: [RecipeReloadResult.RoomOutcome] = []
        if left == 0 { return done([]) }
        for driver in drivers {
            driver.reload(reload) { report, microseconds in
                outcomes.append(
                    RecipeReloadResult.RoomOutcome(
                        room: driver.room, report: report, microseconds: microseconds))
                left -= 1
                if left == 0 { done(outcomes) }
            }
        }
    }

    // MARK: - Waking

    /// Opens what was loaded: with its recipe as it is now, after a migration where one is due; or with the version that
    /// wrote it, where the room cannot run a later one.
    func wakeUp(_ room: String, _ loaded: LoadedRoom) {
        let recipe = loaded.stored.record.recipe
        if opensBeside(room, recipe, { $0.wakeUp(room, loaded) }) { return }
        do {
            guard mayOpen(recipe) else { throw Refusal.beingMade(room) }
            let (runtime, generation) = try runtime(of: recipe, room: room)
            do throws(RoomError) {
                if RoomMigration.mayBeNeeded(for: loaded.stored, by: runtime.recipe),
                    let write = try RoomMigration(
                        of: loaded, to: runtime, limits: host.limits, now: WallClock.nowMs()
                    ).write
                {
                    return migrate(room, write)
                }
                try begin(room, loaded, runtime, generation)
            } catch .refused(let failure) {
                try beginAsBefore(room, loaded, failure)
            }
        } catch let refusal as Refusal {
            host.logger.error("room not loaded", metadata: ["room": "\(room)", "cause": "\(refusal.message)"])
            fail(room, refusal)
        } catch let error as RoomError {
            fail(room, unreadable(room, error.message))
        } catch {
            fail(room, unreadable(room, "\(error)"))
        }
    }

    private func begin(
        _ room: String, _ loaded: LoadedRoom, _ runtime: RecipeRuntime, _ generation: UInt64
    ) throws(RoomError) {
        let machine = try RoomMachine(
            opening: .load(loaded, seed: Chance.seed()), runtime: runtime, generation: generation,
            limits: host.limits, now: WallClock.nowMs())
        let driver = begin(room, machine)
        host.counters.roomsLoaded.add()
        serve(room, driver)
    }

    /// The room is opened when its migration is on disk, so that one that is open has always been migrated.
    private func migrate(_ room: String, _ write: RoomWrite) {
        let home = home
        home.host.writer.submit(write) { result in
            home.run { $0.reach(room) { $0.migrated(room, result) } }
        }
    }

    private func migrated(_ room: String, _ result: Result<Void, StoreError>) {
        switch result {
        case .success:
            host.counters.reloads.add()
            host.logger.info("room migrated", metadata: ["room": "\(room)"])
            load(room)
        case .failure(let error): fail(room, unreadable(room, error.message))
        }
    }

    /// The room cannot run its recipe as it is now: it runs the version that wrote it, if that was kept.
    private func beginAsBefore(_ room: String, _ loaded: LoadedRoom, _ failure: Failure) throws {
        host.counters.reloadsRefused.add()
        let record = loaded.stored.record
        let hash = RoomMigration.newestHash(of: loaded.stored)
        host.logger.error(
            "room cannot run its recipe",
            metadata: [
                "room": "\(room)", "recipe": "\(record.recipe)", "cause": "\(failure.message)",
                "source": "\(failure.details.object?["source"]?.string ?? "-")",
            ])
        let source = host.archive?.source(of: record.recipe) { kept in
            hash.map { kept.hash == $0 } ?? (kept.version == record.recipeVersion)
        }
        guard let source else {
            throw Refusal(
                statusCode: 503, code: "recipe_unavailable",
                message: "the room \"\(room)\" cannot run its recipe: \(failure.message)", details: failure.details)
        }
        try begin(room, loaded, try oldRuntime(of: source), 0)
    }
}
