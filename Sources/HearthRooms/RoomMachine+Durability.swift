import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Durable before visible: handing batches to the store, and what follows from its answers.
extension RoomMachine {
    /// Hands what was gathered to the store, unless it still has the batch before; lets go at once what needs no write.
    func submit(now: Int64) {
        // While the store is at work too: the next batch is ready when it has done.
        writeFacts()
        guard underWay == nil else { return }
        // A room whose creation is refused is none: whoever asked for it is told, and asks again.
        if gathering.hasWrites, gathering.write.create == nil, faults?.refusesWrite() == true {
            let refused = gathering
            gathering = Batch(room: id, base: head)
            return purge(refused, because: .full(detail: "a planned fault"), now: now)
        }
        for session in unsaved.values.sorted(by: { $0.id < $1.id }) {
            session.isUnsaved = false
            if session.isEnding { continue }
            gathering.write.sessions.append(session.record(room: id, disconnectedAt: nil))
            gathering.saved.append(session)
        }
        unsaved.removeAll(keepingCapacity: true)
        guard gathering.hasWrites else {
            let held = gathering.takeHeld()
            // A change of recipe that changed nothing of the room has nothing to wait for.
            if durable.code !== head.code { durable = head }
            release(held, now: now)
            return
        }
        // A write cancels timers before it sets them: those that it also uses up must not be set at all.
        gathering.write.timersSet.removeAll { head.timers[$0.id] == nil }
        gathering.end = head
        gathering.write.updatedAt = now
        tickets += 1
        outputs.append(.persist(gathering.write, ticket: tickets))
        underWay = gathering
        gathering = Batch(room: id, base: head)
    }

    func persisted(_ ticket: UInt64, _ result: Result<Void, StoreError>, now: Int64) {
        guard let delay = faults?.plan.delayMs, delay > 0, !isDraining else { return decided(ticket, result, now: now) }
        delayed = (ticket, result)
        agenda.add(.delayed, due: now + delay)
    }

    func releaseDelayed(now: Int64) {
        guard let (ticket, result) = delayed else { return }
        delayed = nil
        decided(ticket, result, now: now)
    }

    /// The store has said whether a batch is on disk.
    func decided(_ ticket: UInt64, _ result: Result<Void, StoreError>, now: Int64) {
        guard var batch = underWay, ticket == tickets else { return }
        underWay = nil
        switch result {
        case .success:
            if let end = batch.end { durable = end }
            release(batch.takeHeld(), now: now)
            takeSnapshotIfDue()
            submit(now: now)
        case .failure(let error):
            purge(batch, because: error, now: now)
        }
    }

    /// How many times its own size the log behind a snapshot may grow. Each event pays for a share of the next snapshot, and a
    /// room that is loaded reads at most this much log beside the snapshot.
    private static let logPerSnapshot = 2

    private func takeSnapshotIfDue() {
        let log = durable.logBytes
        guard !isSnapshotUnderWay, log > max(limits.snapshotBytesMin, snapshotBytes * Self.logPerSnapshot) else {
            return
        }
        durable.logBytes = 0
        head.logBytes -= log
        isSnapshotUnderWay = true
        // A fact is longer than what it adds to the cells.
        outputs.append(
            .snapshot(
                RoomSnapshot(
                    seq: durable.seq, head: durable.head, cells: durable.cells.cells, bytesExpected: snapshotBytes + log
                )))
    }

    /// One that was not kept counts too: the next is due when the log has outgrown it, for to try at every commit would cost its
    /// whole size each time.
    func snapshotWritten(_ bytes: Int?) {
        isSnapshotUnderWay = false
        snapshotBytes = bytes ?? snapshotBytes
    }

    /// The disk refused: the room is again what it last was on disk, and everyone who waited is told.
    private func purge(_ batch: Batch, because error: StoreError, now: Int64) {
        let lost = batch.held + gathering.held
        let saved = batch.saved + gathering.saved
        head = durable
        history.removeAll()
        historyGrowth = 0
        gathering = Batch(room: id, base: durable)
        pausedUntil = now + limits.storageRetryMs
        let failure = Failure(
            code: "storage_unavailable", message: "the room cannot be written now: \(error.message)", retryable: true,
            details: .null)
        outputs.append(
            .log(
                RoomLogEntry(
                    level: .error, message: "write refused, back to the last durable state",
                    fields: [("room", id), ("seq", String(durable.seq)), ("cause", error.message)])))
        for session in saved { save(session) }
        for session in sessions.values { session.isOnRecord = false }
        for item in lost { refuse(item, with: failure, now: now) }
        restartWaits()
        rebuildAgenda()
    }

    private func refuse(_ item: Held, with failure: Failure, now: Int64) {
        switch item {
        case .answer(let session, let id, _):
            session.answers.set(.error(failure), at: id)
            gathering.write.marks.append(
                Mark(session: session.id, event: id, answer: Answer.error(failure).stored(by: &sink)))
            save(session)
            if let connection = session.connection { outputs.append(.error(connection, id: id, failure)) }
        case .joined(let session, let connection, let outcome):
            if !outcome.resumed {
                resetEphemeral(of: session.participant, present: false)
                forget(session)
            }
            refuse(connection, failure)
        case .called(let token, _): outputs.append(.called(token: token, .failure(failure)))
        case .delivered(let delivery):
            // The sender keeps it: a room that comes to rest has no second try.
            if !isDraining { mailbox.append(.delivery(delivery)) }
        case .ended(let session, let leaving):
            session.isEnding = false
            endings -= 1
            if let leaving, session.connection == leaving {
                outputs.append(.bye(leaving, Bye(code: 1000, reason: "left", retryAfterMs: nil)))
                release(connection: leaving)
            }
            awaitReturn(of: session, for: limits.storageRetryMs, now: now)
        case .message(let session, _): tell(session, failure)
        case .sync(let connection): sendSync(to: connection)
        case .refused(let session, let connection, let id, let failure):
            release(refusal: failure, id: id, of: session, on: connection)
        case .moved(let connection): move(connection)
        case .log(let entry): outputs.append(.log(entry))
        case .reloaded(let underWay): refuse(underWay)
        case .commit, .signal, .deliver, .settled, .ephemeral, .ask: break
        }
    }

    // MARK: - Letting go

    private func release(_ held: consuming [Held], now: Int64) {
        // Last: the state that is sent holds every commit of the batch, and none of them may come after it.
        var last: [Held] = []
        // Each is taken out, so that what it holds is handed on and not shared; from the end, where that moves no others.
        held.withUnsafeMutableBufferPointer { $0.reverse() }
        while let item = held.popLast() {
            if item.isLast { last.append(consume item) } else { release(consume item, now: now) }
        }
        for case .moved(let connection) in last { move(connection) }
        for case .sync(let connection) in last { sendSync(to: connection) }
    }

    private func release(_ item: consuming Held, now: Int64) {
        switch consume item {
        case .commit(let commit): publish(commit)
        case .answer(let session, let id, let answer): send(answer, id: id, to: session)
        case .message(let session, let failure): tell(session, failure)
        case .joined(let session, let connection, let outcome): welcome(session, connection, outcome, now: now)
        case .signal(let notice, let target, let sender): send(notice, to: target, sender: sender)
        case .sync, .moved: break
        case .ephemeral(let cell, let value): writeEphemeral(cell, value)
        case .called(let token, let result): outputs.append(.called(token: token, result))
        case .deliver(let delivery): outputs.append(.deliver(delivery))
        case .delivered(let delivery): outputs.append(.delivered(delivery))
        case .settled(let id, let room): outputs.append(.settled(id: id, room: room))
        case .ended(let session, _): finishEnd(of: session)
        case .refused(let session, let connection, let id, let failure):
            release(refusal: failure, id: id, of: session, on: connection)
        case .ask(let run, let question):
            guard run.pending?.id == question else { return }
            run.pending?.isReleased = true
            sendQuestion(of: run, now: now)
        case .reloaded(let underWay): release(underWay)
        case .log(let entry): outputs.append(.log(entry))
        }
    }

    /// The connection may be gone by now, and its number somebody else's.
    private func release(refusal: Failure, id: Int64, of session: Session, on connection: ConnectionID) {
        if session.connection == connection { outputs.append(.error(connection, id: id, refusal)) }
    }

    private func send(_ answer: Answer, id: Int64, to session: Session) {
        session.answers.set(answer, at: id)
        guard let connection = session.connection else { return }
        repeatAnswer(answer, id: id, on: connection)
    }

    func repeatAnswer(_ answer: Answer, id: Int64, on connection: ConnectionID) {
        switch answer {
        case .ack(let ack): outputs.append(.ack(connection, ack))
        case .error(let failure): outputs.append(.error(connection, id: id, failure))
        }
    }

    /// - Parameter hiding: what replicas lose that may see it by `old`; who resumes later is sent everything.
    func publish(_ commit: CommittedCells, hiding: [PatchOperation] = [], shownBy old: Visibility? = nil) {
        keep(commit.told)
        for audience in audiences where audience.hearsCommits {
            var notice = commit.told.notice(patch(of: commit, for: audience))
            if let old, !hiding.isEmpty { notice.patch.operations += self.hiding(hiding, from: audience, old) }
            if case .cells = audience.key.state { keep(notice, for: audience) }
            if audience.attached > 0 { outputs.append(.commit(notice, to: audience)) }
        }
    }
}
