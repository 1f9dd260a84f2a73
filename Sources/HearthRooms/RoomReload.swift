package import HearthRecipes
import HearthValues

/// A recipe that has been loaded and checked, and that a room is to run from its next commit on.
package struct RoomReload {
    package var runtime: RecipeRuntime
    /// Rises with every version that a server takes up. A room passes over what is not newer than what it runs.
    package var generation: UInt64

    package init(_ runtime: RecipeRuntime, generation: UInt64) {
        self.runtime = runtime
        self.generation = generation
    }
}

/// How a room took another version of its recipe.
package struct ReloadReport: Sendable {
    package enum Outcome: Sendable {
        /// The room runs it. `seq` is the commit that the change of recipe made, nil when nothing of the room changed;
        /// `migrated` says whether `on.migrate` ran.
        case swapped(seq: UInt64?, migrated: Bool)
        /// The room goes on with what it ran before.
        case refused(Failure)
        /// The room runs what is newer by now, or is closed.
        case passedOver
    }

    package var generation: UInt64
    /// What the room ran before.
    package var from: RecipeStamp
    package var to: RecipeStamp
    package var outcome: Outcome
    /// Timers whose handlers the new version does not have, as `id (handler)`. They stay until they are due.
    package var lostTimers: [String] = []
    /// Waiting events that ended because their handlers are gone.
    package var lostWaits = 0
    /// Waiting events that go on under the new version.
    package var reattached = 0

    package init(generation: UInt64, from: RecipeStamp, to: RecipeStamp, outcome: Outcome) {
        self.generation = generation
        self.from = from
        self.to = to
        self.outcome = outcome
    }
}

/// A change of recipe on its way to the disk, and what participants are told when it is there.
struct ReloadUnderWay {
    var reload: RoomReload
    var report: ReloadReport
    var code: RoomCode
    /// The commit that it made, if it changed anything.
    var commit: CommittedCells?
    /// Takes cells from replicas that the recipe no longer declares; the room keeps them.
    var hiding: [PatchOperation] = []
}
