import HearthCells
package import HearthRecipes
import HearthStore
import HearthTransactions
package import HearthValues

/// Beginning: a new room's first commit, and taking up what is stored.
extension RoomMachine {
    /// - Parameter key: under which whoever asks again gets the same answer.
    func runCreate(_ input: Value, _ key: CallKey?, now: Int64) {
        gathering.write.create = RoomRecord(
            id: id, recipe: recipe.name, recipeVersion: recipe.version, epoch: epoch, seq: 0, head: Hash.zero,
            createdAt: now, updatedAt: now)
        let first = runtime.recipe.cells.values.filter { $0.scope == .room && !$0.isEphemeral }
            .sorted { $0.name < $1.name }
            .map { Write.set(Path(cell: $0.name, steps: []), $0.initial) }
        for declaration in runtime.recipe.cells.values where declaration.scope == .room && declaration.isEphemeral {
            writeEphemeral(declaration.name, declaration.initial)
        }
        let cause = Cause(session: nil, event: "create", eventID: nil, data: input, at: now, seed: seed("create", 0))
        let result = transact(cause, .create, who: nil, prepare: first)
        switch result {
        case .success(let ack):
            reconcileEvery(now: now)
            if let key { remember(.success(Ack(id: 0, seq: ack.seq, result: recipe.json, runs: 1)), to: key) }
        case .failure: isClosed = true
        }
        gathering.hold(.called(token: RoomMachine.creationToken, result))
        if isClosed { gathering.write = RoomWrite(room: id) }
    }

    /// `.called` with this token answers the creation of the room.
    package static let creationToken: UInt64 = 0

    /// Takes up sessions, answers, timers and undelivered messages. Nobody is attached after a start: every session
    /// waits for its participant to return.
    func restore(_ stored: StoredRoom, now: Int64) {
        for record in stored.sessions {
            let session = Session(record: record, answersMax: limits.answersMax)
            session.expiresAt = now + limits.sessionTtlMs
            remember(session)
            noteDeparture(of: session, now: now)
            forgetEphemeral(of: session.participant)
        }
        for mark in stored.marks {
            guard let answer = Answer(stored: mark.answer, id: mark.event) else { continue }
            sessions[mark.session]?.answers.set(answer, at: mark.event)
        }
        head.keyed = KeyedAnswers(stored.marks)
        for declaration in runtime.recipe.cells.values where declaration.scope == .room && declaration.isEphemeral {
            ephemeral[declaration.name] = declaration.initial
        }
        hasIdled = sessions.isEmpty
        snapshotBytes = stored.snapshot?.state.count ?? 0
        head.logBytes = stored.facts.reduce(0) { $0 + $1.content.count }
        durable = head
        rebuildAgenda()
        reconcileEvery(now: now)
        for message in head.outgoing.inOrder {
            let data = (try? JSON.parse(message.data, links: .parsed)) ?? .null
            outputs.append(
                .deliver(
                    Delivery(id: message.id, from: id, to: message.toRoom, event: message.event, data: data)))
        }
        collectDue(now: now)
    }

    /// What HTTP shows of the room: the newest durable state.
    package func describe(for viewer: Viewer = .stranger) -> RoomDescription {
        let view = CellsView(stored: durable.cells.cells, derived: durable.derived.values, ephemeral: ephemeral)
        return RoomDescription(
            id: id, recipe: shown.stamp, epoch: epoch, seq: durable.seq,
            cells: view.all(for: viewer, under: visibility),
            participants: participants, sessions: sessions.count, stats: stats)
    }

    /// One cell of the newest durable state, nil when there is none or the viewer may not see it.
    package func cell(_ cell: String, for viewer: Viewer = .stranger) -> Value? {
        guard visibility.allows(cell, to: viewer) else { return nil }
        return durable.cells.cells[cell] ?? durable.derived.values[cell] ?? ephemeral[cell]
    }
}

package struct RoomDescription: Sendable {
    package var id: String
    package var recipe: RecipeStamp
    package var epoch: String
    package var seq: UInt64
    package var cells: Object
    package var participants: [Participant]
    /// Attached participants and those who may return.
    package var sessions: Int
    package var stats: RoomStats
}
