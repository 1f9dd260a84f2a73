package import HearthLua
package import HearthTransactions
package import HearthValues

/// What of a recipe is to run.
package enum Entry: Sendable, Hashable {
    case handler(String)
    case create
    case join
    case leave
    case idle
    /// The room's state was last written by this version of the recipe.
    case migrate(from: Int64)
    /// A raw JSON message of a PartySocket client, by its `type`.
    case message(String)
    /// A line that a person typed.
    case console(ConsoleLine)
}

/// One event, with everything about it that its handler may see. A function of the event, not of the run: only `run`
/// and `conflict` change from one run of an event to the next. A class, so that handing it on copies a reference.
package final class Invocation: Sendable {
    package let entry: Entry
    package let data: Value
    /// Nil for timers, deliveries and server calls.
    package let who: Participant?
    /// Milliseconds since 1970.
    package let now: Int64
    package let seed: UInt64
    /// From 1.
    package let run: Int
    package let room: String
    /// Everyone in the room, in the order in which they came.
    package let participants: [Participant]
    /// Why the runs before this one were rolled back, oldest first.
    package let met: [Conflict]
    /// The waits of this event that are over, in the order in which they ended: asked again, they answer at once.
    package let finished: [FinishedWait]
    /// Whether `allow` is passed over: for timers and other causes inside the room, which no client can forge.
    package let isTrusted: Bool

    package init(
        entry: Entry, data: Value = .null, who: Participant? = nil, now: Int64, seed: UInt64, run: Int = 1,
        room: String, participants: [Participant] = [], met: [Conflict] = [], finished: [FinishedWait] = [],
        isTrusted: Bool = false
    ) {
        self.entry = entry
        self.data = data
        self.who = who
        self.now = now
        self.seed = seed
        self.run = run
        self.room = room
        self.participants = participants
        self.met = met
        self.finished = finished
        self.isTrusted = isTrusted
    }

    /// Why the run before this one was rolled back.
    package var conflict: Conflict? { met.last }

    /// The same event's next run.
    package var again: Invocation {
        Invocation(
            entry: entry, data: data, who: who, now: now, seed: seed, run: run + 1, room: room,
            participants: participants, met: met, finished: finished, isTrusted: isTrusted)
    }

    /// The same with something else to run.
    package func with(entry: Entry) -> Invocation {
        Invocation(
            entry: entry, data: data, who: who, now: now, seed: seed, run: run, room: room,
            participants: participants, met: met, finished: finished, isTrusted: isTrusted)
    }
}

/// How a run ended.
package enum RunOutcome: Sendable {
    /// The transaction holds the writes; the effects are to be released with its commit.
    case success(result: Value?, effects: [Effect])
    /// The transaction is to be dropped.
    case failure(Failure)
    /// The process that ran it is gone; nothing of the run may remain, and it may be made again.
    ///
    /// - Parameter failure: what the sender is told if it is not.
    case lost(LuaLoss, Failure)
    /// The handler came to a wait that is not over. The transaction holds what it read and wrote up to there; the event
    /// goes on by running again with the wait among `finished`.
    case waiting(Wait)
}
