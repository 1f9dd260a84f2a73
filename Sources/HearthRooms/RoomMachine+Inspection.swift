import HearthCells
import HearthRecipes
package import HearthValues

/// What tests and simulations may look at beyond outputs.
extension RoomMachine {
    /// All cells as the disk has them: stored, derived and ephemeral, whoever may see them.
    ///
    /// - Complexity: O(derived and ephemeral cells).
    package var cells: Object {
        var all = durable.cells.cells
        for (id, value) in durable.derived.values { all[id] = value }
        for (id, value) in ephemeral { all[id] = value }
        return all
    }

    /// How much is in the room now.
    package var load: RoomLoad {
        RoomLoad(
            sessions: sessions.count, mailbox: mailbox.count + queuedBehindWaits,
            nursery: gathering.commits + (underWay?.commits ?? 0), waiting: waiting.count)
    }

    /// The name of the recipe whose code the room runs.
    package var recipeName: String { recipe.name }

    /// Does the recipe have a handler of its own for raw JSON messages of this type?
    package func hasHandler(ofMessage type: String) -> Bool { runtime.recipe.messages[type] != nil }

    /// The events whose handlers wait, in the order in which they began.
    package var waits: [WaitingEvent] {
        waiting.values.sorted { $0.number < $1.number }.map { run in
            WaitingEvent(
                number: run.number, event: run.cause.event, session: run.cause.session, seed: run.cause.seed,
                run: run.runs, due: run.pending?.due)
        }
    }
}

/// What a room has to hold and to do.
package struct RoomLoad: Sendable {
    package var sessions: Int
    /// Events that have not begun.
    package var mailbox: Int
    /// Commits that wait for the disk.
    package var nursery: Int
    /// Events whose handlers wait.
    package var waiting: Int
}

/// An event whose handler waits.
package struct WaitingEvent: Sendable, Hashable {
    /// Rises by one with every event of the room that runs a handler.
    package var number: UInt64
    package var event: String
    /// The session whose event it is; nil for timers, deliveries and server calls.
    package var session: String?
    /// What its randomness comes from: the same in all its runs.
    package var seed: UInt64
    /// Which run it is that waits, from 1.
    package var run: Int
    /// When its wait is over at the latest, in ms since 1970; nil when it is over.
    package var due: Int64?
}
