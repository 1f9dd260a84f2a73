import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// All that commits change, as one value: keeping an old copy is all that a rollback needs.
struct RoomState {
    /// The recipe that made it so.
    var code: RoomCode
    var seq: UInt64
    /// The id of the newest fact.
    var head: Hash
    /// How many bytes of facts there are since the newest snapshot.
    var logBytes = 0
    var cells: CellState
    var derived: DerivedGraph
    var timers: [String: TimerRecord]
    /// Messages to other rooms that they have not confirmed.
    var outgoing = OutgoingMessages()
    /// The messages of other rooms that were taken.
    var received = ReceivedDeliveries()
    /// What calls with an idempotency key were answered.
    var keyed = KeyedAnswers()

    var hasPendingOutgoing: Bool { !outgoing.isEmpty }

    var view: (stored: Object, derived: Object) { (cells.cells, derived.values) }

    static func empty(_ code: RoomCode) throws(RoomError) -> RoomState {
        RoomState(
            code: code, seq: 0, head: Hash.zero, cells: CellState(), derived: try makeGraph(code.runtime), timers: [:])
    }

    /// - Throws: `RoomError.refused` when a derived cell fails on the stored ones.
    static func loaded(
        _ room: LoadedRoom, _ runtime: RecipeRuntime, _ generation: UInt64
    ) throws(RoomError) -> RoomState {
        var state = try stored(room, RoomCode(runtime, generation: generation, cells: room.cells))
        if let failure = state.derived.rebuild(from: state.cells) {
            throw .refused(Failure(derived: failure))
        }
        return state
    }

    /// As stored by another version of the recipe than the runtime's: nothing may be derived from it yet.
    static func unmigrated(_ room: LoadedRoom, _ runtime: RecipeRuntime) throws(RoomError) -> RoomState {
        let version = room.stored.record.recipeVersion
        return try stored(room, RoomCode(runtime, generation: 0, cells: room.cells, version: version))
    }

    private static func stored(_ room: LoadedRoom, _ code: RoomCode) throws(RoomError) -> RoomState {
        var state = try empty(code)
        state.seq = room.stored.record.seq
        state.head = room.stored.record.head
        state.cells = room.state
        for timer in room.stored.timers { state.timers[timer.id] = timer }
        state.outgoing = OutgoingMessages(room.stored.outgoing)
        state.received = ReceivedDeliveries(room.stored.received)
        return state
    }

    private static func makeGraph(_ runtime: RecipeRuntime) throws(RoomError) -> DerivedGraph {
        do { return try runtime.makeDerivedGraph() } catch {
            throw .corrupt("derived cells cannot be set up: \(error)")
        }
    }
}
