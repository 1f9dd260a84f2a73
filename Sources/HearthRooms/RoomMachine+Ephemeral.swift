import DequeModule
import HearthCells
import HearthRecipes
import HearthValues

/// Ephemeral cells: presence and cursors. Not stored, no `seq`, conflated: of several writes within a turn the last is
/// sent.
extension RoomMachine {
    func setEphemeral(_ cell: String, _ value: Value, from connection: ConnectionID) {
        guard let session = byConnection[connection] else { return }
        let name = String(CellID.name(of: cell))
        guard let declaration = shown.runtime.recipe.cells[name], declaration.isEphemeral,
            let own = declaration.id(for: session.participant), cell == name || cell == own
        else {
            let failure = Failure(
                code: "forbidden",
                message: "`\(cell)` is not an ephemeral cell of your own; `set` writes only those", retryable: false,
                details: .object(["cell": .string(cell)]))
            outputs.append(.error(connection, id: nil, failure))
            return
        }
        if let failure = unreadableLink(in: value, for: session) {
            return outputs.append(.error(connection, id: nil, failure))
        }
        do {
            try declaration.type.validate(value, at: Path(cell: own, steps: []))
            session.hasActed = true
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
            if !present, declaration.scope == .user, isAttached(user: participant.id) { continue }
            if present, declaration.scope == .user, ephemeral[cell] != nil { continue }
            writeEphemeral(cell, present ? declaration.initial : nil)
        }
    }

    private func isAttached(user: String) -> Bool { byConnection.values.contains { $0.participant.id == user } }

    /// After a start nobody is there; those who come back may still show what was ephemeral before it.
    func forgetEphemeral(of participant: Participant) {
        for declaration in ephemeralDeclarations {
            if let cell = declaration.id(for: participant) { ephemeralGone.append((cell, head.seq)) }
        }
    }

    func flushEphemeral() {
        guard !ephemeralChanged.isEmpty else { return }
        let changed = ephemeralChanged.filter { ephemeral[$0] != nil || ephemeralShown.contains($0) }
        for audience in audiences where audience.attached > 0 {
            let operations = changed.compactMap { cell -> PatchOperation? in
                guard isVisible(cell, to: audience) else { return nil }
                let pointer = Pointer(tokens: [cell])
                guard let value = ephemeral[cell] else { return .remove(pointer) }
                return .add(pointer, value)
            }
            if !operations.isEmpty { outputs.append(.ephemeral(Patch(operations: operations), to: audience)) }
        }
        for cell in changed { noteShown(cell) }
        ephemeralChanged.removeAll(keepingCapacity: true)
    }

    private func noteShown(_ cell: String) {
        if ephemeral[cell] != nil {
            ephemeralShown.insert(cell)
        } else {
            ephemeralShown.remove(cell)
            ephemeralGone.append((cell, head.seq))
            guard ephemeralGone.count > limits.backlogMax, let gone = ephemeralGone.popFirst() else { return }
            ephemeralKnownFrom = max(ephemeralKnownFrom, gone.seq + 1)
        }
    }

    /// Brings the ephemeral cells of someone who was away up to date. What is gone is added before it is removed: the
    /// receiver may never have had it.
    func resendEphemeral(to connection: ConnectionID, _ audience: Audience, since: UInt64) {
        var operations: [PatchOperation] = []
        for (cell, seq) in ephemeralGone where seq >= since && ephemeral[cell] == nil && isVisible(cell, to: audience) {
            let pointer = Pointer(tokens: [cell])
            operations += [.add(pointer, .null), .remove(pointer)]
        }
        for (cell, value) in ephemeral where isVisible(cell, to: audience) {
            operations.append(.add(Pointer(tokens: [cell]), value))
        }
        if !operations.isEmpty { outputs.append(.ephemeralTo(connection, Patch(operations: operations))) }
    }

    private var ephemeralDeclarations: [CellDeclaration] {
        shown.runtime.recipe.cells.values.filter { $0.isEphemeral && $0.scope != .room }.sorted { $0.name < $1.name }
    }
}
