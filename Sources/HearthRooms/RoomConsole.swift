import HearthCells
package import HearthRecipes
import HearthTransactions
package import HearthValues

/// Lua that a person types into a room.
///
/// A line that may write is a server's call like any other: one transaction, durable before anyone sees it, with conflicts
/// and limits, in the log under ``eventName`` with the line and who typed it. One that only looks runs on what the disk
/// holds, and leaves nothing.
package enum RoomConsole {
    /// What commits of such lines are called. No handler can have this name.
    package static let eventName = "hearth.repl"

    /// What a line that looked around found.
    package struct Sight: Sendable {
        /// The commit that it looked at.
        package var seq: UInt64
        /// `{"printed", "values"}`.
        package var result: Value
    }

    /// - Parameter by: who typed it.
    package static func call(_ text: String, by: String) -> ServerCall {
        var call = ServerCall(name: eventName, data: ["by": .string(by), "lua": .string(text)])
        call.console = ConsoleLine(text, mayWrite: true)
        return call
    }

    /// Runs a line on stored cells of a room that is not in memory.
    ///
    /// - Throws: `Failure` with what was wrong, as a participant's event would be answered.
    package static func look(
        _ text: String, in room: String, at seq: UInt64, cells: Object, by runtime: RecipeRuntime, now: Int64
    ) throws(Failure) -> Sight {
        let state = CellState(cells: cells)
        var derived: DerivedGraph
        do { derived = try runtime.makeDerivedGraph() } catch { throw Failure(internal: error) }
        if let error = derived.rebuild(from: state) { throw Failure(derived: error) }
        return try look(text, Ground(room: room, seq: seq, cells: state, derived: derived), by: runtime, now: now)
    }

    /// What a line may see of a room.
    struct Ground {
        var room: String
        var seq: UInt64
        var cells: CellState
        var derived: DerivedGraph
        var ephemeral = Object()
        var participants: [Participant] = []
    }

    static func look(
        _ text: String, _ ground: Ground, by runtime: RecipeRuntime, now: Int64
    ) throws(Failure) -> Sight {
        var transaction = Transaction(basis: ground.seq, state: ground.cells)
        let invocation = Invocation(
            entry: .console(ConsoleLine(text, mayWrite: false)), now: now, seed: UInt64(bitPattern: now),
            room: ground.room, participants: ground.participants, isTrusted: true)
        var derived = ground.derived
        switch runtime.run(invocation, in: &transaction, derived: &derived, ephemeral: ground.ephemeral) {
        case .success(let result, _): return Sight(seq: ground.seq, result: result ?? .null)
        case .failure(let failure), .lost(_, let failure): throw failure
        case .waiting: throw .impossible("a line that looks around waits")
        }
    }
}

extension RoomMachine {
    /// The newest commit that the disk is known to hold.
    package var seq: UInt64 { durable.seq }

    /// Whether there is nothing to run and nothing to write.
    package var isAtRest: Bool { !hasWork && underWay == nil && outputs.isEmpty }

    /// Runs a line on what the disk is known to hold.
    ///
    /// - Throws: `Failure` with what was wrong, as a participant's event would be answered.
    package func look(_ text: String, now: Int64) throws(Failure) -> RoomConsole.Sight {
        try RoomConsole.look(
            text,
            RoomConsole.Ground(
                room: id, seq: durable.seq, cells: durable.cells, derived: durable.derived, ephemeral: ephemeral,
                participants: participants),
            by: durable.code.runtime, now: now)
    }
}
