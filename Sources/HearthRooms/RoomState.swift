import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// All that commits change, as one value: keeping an old copy is all that a rollback needs.
struct RoomState {
    var seq: UInt64
    /// The id of the newest fact.
    var head: Hash
    var cells: CellState
    var derived: DerivedGraph
    var timers: [String: TimerRecord]
    /// Messages to other rooms that they have not confirmed.
    var outgoing: [String: OutgoingRecord]
    /// Deliveries and idempotency keys that were taken already.
    var received: Set<String>
    var keyed: [String: Answer]

    var hasPendingOutgoing: Bool { !outgoing.isEmpty }

    var view: (stored: Object, derived: Object) { (cells.cells, derived.values) }

    static func empty(_ runtime: RecipeRuntime) throws(RoomError) -> RoomState {
        RoomState(
            seq: 0, head: Hash.zero, cells: CellState(), derived: try makeGraph(runtime), timers: [:], outgoing: [:],
            received: [], keyed: [:])
    }

    /// - Throws: `RoomError.corrupt` when the stored room cannot be read: it is never taken for an empty one.
    static func loaded(_ stored: StoredRoom, _ runtime: RecipeRuntime) throws(RoomError) -> RoomState {
        var state = try empty(runtime)
        state.seq = stored.record.seq
        state.head = stored.record.head
        state.cells = CellState(
            cells: try RoomHistory.cells(snapshot: stored.snapshot?.state, facts: stored.facts))
        if let failure = state.derived.rebuild(from: state.cells) {
            throw .refused(Failure(derived: failure))
        }
        for timer in stored.timers { state.timers[timer.id] = timer }
        for message in stored.outgoing { state.outgoing[message.id] = message }
        state.received = Set(stored.received)
        return state
    }

    private static func makeGraph(_ runtime: RecipeRuntime) throws(RoomError) -> DerivedGraph {
        do { return try runtime.makeDerivedGraph() } catch {
            throw .corrupt("derived cells cannot be set up: \(error)")
        }
    }
}
