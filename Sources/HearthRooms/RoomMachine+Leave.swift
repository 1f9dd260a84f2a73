import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Going out: a lost socket, a session's end, and the end of the room.
extension RoomMachine {
    /// The socket is gone. The session stays for `sessionTtlMs`; only what is ephemeral shows it.
    func detach(_ connection: ConnectionID, now: Int64) {
        joining.remove(connection)
        early[connection] = nil
        guard let session = byConnection[connection] else { return }
        release(connection: connection)
        resetEphemeral(of: session.participant, present: false)
        awaitReturn(of: session, now: now)
    }

    func awaitReturn(of session: Session, now: Int64) {
        awaitReturn(of: session, for: limits.sessionTtlMs, now: now)
    }

    /// Ends a session: `on.leave` runs, and its cells go unless something links to them.
    func runEnd(of session: Session, leaving connection: ConnectionID?, now: Int64) {
        guard isHere(session) else { return }
        session.isEnding = true
        endings += 1
        endWaits(of: session, now: now)
        let cause = Cause(
            session: session.id, event: "leave", eventID: nil, data: .null, at: now, seed: seed(session.id, -1))
        if case .failure(let failure) = end(session, cause, running: .leave) {
            note(
                .warning, "on.leave failed; the session ends without it",
                ["session": session.id, "code": failure.code, "cause": failure.message])
            if case .failure(let failure) = end(session, cause, running: nil) {
                note(.error, "the cells of a session could not be removed", ["cause": failure.message])
            }
        }
        drop(unsaved: session)
        gathering.write.endedSessions.append(session.id)
        gathering.hold(.ended(session, leaving: connection))
    }

    private func end(_ session: Session, _ cause: Cause, running entry: Entry?) -> Result<Ack, Failure> {
        transact(cause, entry, who: session.participant) { state in
            self.ownCells(of: session.participant)
                .filter { state.cells[$0] != nil && state.linkCount(of: $0) == 0 }
                .map { .remove(Path(cell: $0, steps: [])) }
        }
    }

    /// Stored cells that exist only for this session: those `:per "session"`, and those `:per "user"` of someone
    /// anonymous, whose user is the session.
    private func ownCells(of participant: Participant) -> [String] {
        runtime.recipe.cells.values
            .filter { !$0.isEphemeral && ($0.scope == .session || ($0.scope == .user && participant.isAnonymous)) }
            .compactMap { $0.id(for: participant) }.sorted()
    }

    func finishEnd(of session: Session) {
        // The connection that asked may be gone by now, and its number somebody else's.
        if let attached = session.connection {
            outputs.append(.bye(attached, Bye(code: 1000, reason: "left", retryAfterMs: nil)))
            release(connection: attached)
        }
        resetEphemeral(of: session.participant, present: false)
        endings -= 1
        forget(session)
        if sessions.isEmpty && !hasIdled { mailbox.append(.idle) }
    }

    func runIdle(now: Int64) {
        guard sessions.isEmpty, !hasIdled else { return }
        hasIdled = true
        guard runtime.recipe.hasIdle else { return }
        let cause = Cause(session: nil, event: "idle", eventID: nil, data: .null, at: now, seed: random.next())
        if case .failure(let failure) = transact(cause, .idle, who: nil) {
            note(.warning, "on.idle failed", ["code": failure.code, "cause": failure.message])
        }
    }

    func runClose(_ closing: RoomClosing) {
        if case .deleted = closing { isClosed = true }
        let bye =
            switch closing {
            case .deleted: Bye(code: 4410, reason: "the room was deleted", retryAfterMs: nil)
            case .restarting(let ms): Bye(code: 1012, reason: "the server restarts", retryAfterMs: ms)
            }
        abandonWaits(closing.failure)
        for connection in byConnection.keys.sorted() {
            outputs.append(.bye(connection, bye))
            release(connection: connection)
        }
    }

    // MARK: - Rest

    /// Timers that set themselves anew would keep a room busy for ever.
    func rest(now: Int64) {
        isDraining = true
        alone = nil
        releaseDelayed(now: now)
        mailbox.removeAll { work in
            switch work {
            case .timer, .expire: true
            default: false
            }
        }
    }

    func goOn() {
        isDraining = false
        rebuildAgenda()
    }

    // MARK: - Who is here

    func remember(_ session: Session) {
        arrivals += 1
        session.arrival = arrivals
        sessions[session.id] = session
        session.isKnown = true
        bySecret[session.secretHash] = session
    }

    /// The next write carries the session's record.
    func save(_ session: Session) {
        if session.isUnsaved { return }
        session.isUnsaved = true
        unsaved[session.id] = session
    }

    private func drop(unsaved session: Session) {
        session.isUnsaved = false
        unsaved[session.id] = nil
    }

    func forget(_ session: Session) {
        leaveAudience(session)
        sessions[session.id] = nil
        session.isKnown = false
        // Whoever chose the secret itself may have begun another session with it by now.
        if bySecret[session.secretHash] === session { bySecret[session.secretHash] = nil }
        drop(unsaved: session)
        departures.prune(where: isAway)
        if speaker === session { speaker = nil }
        guard sessions.isEmpty else { return }
        // A crowd that has gone does not leave its seats behind.
        sessions = [:]
        bySecret = [:]
        if byConnection.isEmpty { byConnection = [:] }
    }

    /// Takes a connection out of everything that sends to it.
    func release(connection: ConnectionID) {
        guard let session = byConnection.removeValue(forKey: connection) else { return }
        session.connection = nil
        session.audience?.attached -= 1
        session.audience?.detach(connection)
        participantsCache = nil
    }
}

extension RoomClosing {
    /// What callers are told whose handlers wait.
    fileprivate var failure: Failure {
        switch self {
        case .deleted: Failure(code: "room_closed", message: "the room was deleted while the handler waited")
        case .restarting:
            Failure(
                code: "shutting_down", message: "the server restarts; nothing of the call was done", retryable: true)
        }
    }
}

extension Participant {
    var isAnonymous: Bool { id == session }
}
