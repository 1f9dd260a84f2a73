import HearthCells
package import HearthRecipes
package import HearthStore
package import HearthValues

/// What another version of its recipe makes of a room that is not awake.
package struct RoomMigration: Sendable {
    /// To be written before the room is opened; nil when the version changes nothing of it.
    package var write: RoomWrite?
    package var report: ReloadReport
    /// What changes in the stored cells.
    package var patch: Patch
    /// The stored cells before and after.
    package var before: Object
    package var after: Object

    /// Whether a room may need one: it was last written by another version, or it cannot be told by which.
    /// - Complexity: O(size of the newest fact).
    package static func mayBeNeeded(for stored: StoredRoom, by recipe: Recipe) -> Bool {
        stored.record.recipeVersion != recipe.version || newestHash(of: stored) != recipe.hash
    }

    /// The hash of the sources that wrote the newest fact; nil when that went into a snapshot.
    package static func newestHash(of stored: StoredRoom) -> String? {
        guard let fact = stored.facts.last, let hash = try? fact.object()["recipe"]?.object?["hash"]?.string else {
            return nil
        }
        return hash
    }

    /// Computes it on a copy. The same stored room and time give the same write.
    ///
    /// - Throws: `refused` when the room cannot run this version: `on.migrate` failed, or cells do not fit; `corrupt` when it does
    ///   not take it up at all.
    package init(
        of room: LoadedRoom, to runtime: RecipeRuntime, limits: RoomLimits = RoomLimits(), now: Int64
    ) throws(RoomError) {
        let machine = try RoomMachine(
            opening: .migrate(room), runtime: runtime, limits: limits, now: now)
        before = machine.head.cells.cells
        machine.gathering.write.timersSet = []
        machine.runReload(RoomReload(runtime, generation: 1), knowsOld: false, now: now)
        machine.writeFacts()
        for case .reloaded(let report) in machine.outputs {
            if case .refused(let failure) = report.outcome { throw .refused(failure) }
        }
        var underWay: ReloadUnderWay?
        for case .reloaded(let found) in machine.gathering.held { underWay = found }
        guard let underWay else { throw .corrupt("the room could not take up its recipe") }
        report = underWay.report
        patch = underWay.commit?.told.patch { _, _ in true } ?? Patch(operations: [])
        after = machine.head.cells.cells
        guard underWay.commit != nil else { return }
        write = machine.gathering.write
        write?.updatedAt = now
    }
}
