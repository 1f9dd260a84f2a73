import HearthCells
import HearthRecipes
import HearthValues

/// Ephemeral cells: presence and cursors. Not stored, no `seq`, conflated: of several writes within a turn the last is
/// sent.
extension RoomMachine {
    func setEphemeral(_ cell: String, _ value: Value, from connection: ConnectionID) {
        guard let session = byConnection[connection] else { return }
        let name = String(CellID.name(of: cell))
        guard let declaration = runtime.recipe.cells[name], declaration.isEphemeral,
            let own = declaration.id(for: session.participant), cell == name || cell == own
        else {
            let failure = Failure(
                code: "forbidden",
                message: "`\(cell)` is not an ephemeral cell of your own; `set` writes only those", retryable: false,
                details: .object(["cell": .string(cell)]))
            outputs.append(.error(connection, id: nil, failure))
            return
        }
        do {
            try declaration.type.validate(value, at: Path(cell: own, steps: []))
            writeEphemeral(own, value)
        } catch {
            let failure = Failure(
                code: "invalid_data", message: error.message, retryable: false,
                details: .object(["cell": .string(own)]))
            outputs.append(.error(connection, id: nil, failure))
        }
    }

    func writeEphemeral(_ cell: String, _ value: Value?) {
        guard ephemeral[cell] != value else { return }
        ephemeral[cell] = value
        if !ephemeralChanged.contains(cell) { ephemeralChanged.append(cell) }
    }

    /// Gives a participant's own ephemeral cells their first values, or takes them away.
    func resetEphemeral(of participant: Participant, present: Bool) {
        for declaration in ephemeralDeclarations {
            guard let cell = declaration.id(for: participant) else { continue }
            writeEphemeral(cell, present ? declaration.initial : nil)
        }
    }

    func flushEphemeral() {
        guard !ephemeralChanged.isEmpty else { return }
        for audience in audiences where !audience.connections.isEmpty {
            let operations = ephemeralChanged.compactMap { cell -> PatchOperation? in
                guard isVisible(cell, to: audience) else { return nil }
                let pointer = Pointer(tokens: [cell])
                guard let value = ephemeral[cell] else { return .remove(pointer) }
                return .add(pointer, value)
            }
            if !operations.isEmpty { outputs.append(.ephemeral(Patch(operations: operations), to: audience)) }
        }
        ephemeralChanged.removeAll(keepingCapacity: true)
    }

    private var ephemeralDeclarations: [CellDeclaration] {
        runtime.recipe.cells.values.filter { $0.isEphemeral && $0.scope != .room }.sorted { $0.name < $1.name }
    }
}
