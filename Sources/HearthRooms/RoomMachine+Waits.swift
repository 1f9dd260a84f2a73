import DequeModule
import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Events whose handlers wait: laid by, woken, and continued by running again with what was answered.
extension RoomMachine {
    /// Lays an event by until its wait is over. Its transaction stays open: nothing of it shows, and what it read is
    /// compared with what others commit meanwhile.
    func park(_ run: EventRun, _ wait: Wait, _ transaction: Transaction, now: Int64) {
        if waiting[run.number] == nil, waiting.count >= limits.waitingMax {
            if putOff(run, now: now) { return }
            let failure = Failure.rateLimited(
                "\(limits.waitingMax) handlers wait in this room, its limit", retryAfterMs: 1_000)
            return settle(run, .error(failure), now: now)
        }
        if run.ground == nil {
            run.ground = EventRun.Ground(
                seq: head.seq, cells: head.cells, derived: head.derived, ephemeral: ephemeral,
                participants: participants)
        }
        run.transaction = transaction
        waiting[run.number] = run
        run.origin.session?.run = run
        if run.met.count >= limits.conflictsBeforeAlone, !run.wasAlone, mayBeAlone {
            run.wasAlone = true
            alone = run
            aloneUntil = now + limits.aloneMsMax
            agenda.add(.alone(run.number), due: aloneUntil)
        }
        if run.pending?.wait != wait { begin(wait, of: run, now: now) }
        if case .ask = wait, let pending = run.pending, !pending.isReleased {
            gathering.hold(.ask(run, question: pending.id))
        }
    }

    /// What had to wait for the last that was alone has its turn before the next. A room that comes to rest looks at no
    /// clock that would end it.
    private var mayBeAlone: Bool { alone == nil && !isDraining && (owedTurns == 0 || mailbox.isEmpty) }

    func endAlone() {
        alone = nil
        owedTurns = mailbox.count
    }

    private func begin(_ wait: Wait, of run: EventRun, now: Int64) {
        stats.waits += 1
        if let before = run.pending { asked[before.id] = nil }
        run.waitsBegun += 1
        let pending = EventRun.PendingWait(wait: wait, id: name(of: wait, run), due: now + wait.limitMs)
        run.pending = pending
        agenda.add(.wait(run.number), due: pending.due)
        guard case .ask(let session, _, _, _) = wait else { return }
        asked[pending.id] = run
        if !isAskable(session) { finishWait(of: run, answer: nil) }
    }

    /// A question that is asked again, after a restart too, has the name that it had, so that an answer on its way is one. An
    /// event that asks something else when it runs again after a restart gives that another name: else the answer to the
    /// first question would be taken for one to the second.
    private func name(of wait: Wait, _ run: EventRun) -> String {
        let place = "\(String(run.cause.seed, radix: 36))-\(run.waitsBegun)"
        guard case .ask(let session, let name, let data, _) = wait else { return place }
        let asked = [session, name, JSON.text(data)].reduce(seedOfEpoch) { Self.hash($1 + "\u{0}", from: $0) }
        return "\(place)-\(String(asked, radix: 36))"
    }

    /// Who has left answers nothing, and raw JSON has no answer.
    private func isAskable(_ session: String) -> Bool {
        guard let session = sessions[session], !session.isEnding else { return false }
        return session.audience?.hearsCommits ?? true
    }

    /// The wait of a run is over: it goes on in the next turn.
    func finishWait(of run: EventRun, answer: Value?) {
        guard let pending = run.pending else { return }
        run.finished.append(FinishedWait(pending.wait, answer: answer))
        run.pending = nil
        asked[pending.id] = nil
        makeReady(run)
    }

    func makeReady(_ run: EventRun) {
        guard !run.isReady else { return }
        run.isReady = true
        ready.append(run)
    }

    /// The next waiting event that can go on. While one runs alone, no other.
    func takeReady() -> EventRun? {
        guard let place = ready.firstIndex(where: { alone == nil || alone === $0 }) else { return nil }
        let run = ready.remove(at: place)
        run.isReady = false
        return run
    }

    var canTakeReady: Bool { alone == nil ? !ready.isEmpty : ready.contains { $0 === alone } }

    /// Goes on with an event whose wait is over.
    ///
    /// If nothing that it has read or written so far was changed by others, it goes on from the newest state; if a merge
    /// policy may settle what was, it stays on the state it began with; else it met a conflict.
    func resume(_ run: EventRun, now: Int64) {
        if let lost = reattach(run) { return settle(run, .error(lost), now: now) }
        if run.isStale {
            run.isStale = false
            run.ground = nil
        } else if let conflict = standing(of: run) {
            if let failure = meet(conflict, run) { return settle(run, .error(failure), now: now) }
        }
        run.transaction = nil
        proceed(run, now: now)
    }

    private func standing(of run: EventRun) -> Conflict? {
        if let found = run.foundEarly {
            run.foundEarly = nil
            return found
        }
        guard let ground = run.ground, let transaction = run.transaction else { return nil }
        guard let newer = history.commits(after: ground.seq, upTo: head.seq) else {
            return conflict(at: nil, since: ground.seq, actual: nil)
        }
        switch transaction.standing(
            head: head.cells, headSeq: head.seq, since: NewerChanges(newer), policy: policy(of:))
        {
        case .unaffected: run.ground = nil
        case .contended: if run.strictSince != nil { run.ground = nil }
        case .conflict(let conflict): return conflict
        }
        return nil
    }

    /// Moves the ground of what waits up to the newest state where that changes nothing for it, before the room forgets
    /// the commits in between.
    func moveGroundsUp() {
        historyGrowth = 0
        let oldest = history.oldest
        let newer = NewerChanges(history.commits(after: oldest) ?? [])
        for run in waiting.values {
            guard let ground = run.ground, ground.seq < head.seq, ground.seq >= oldest, run.foundEarly == nil,
                var open = run.transaction
            else { continue }
            let since = newer.after(ground.seq)
            switch open.standing(head: head.cells, headSeq: head.seq, since: since, policy: policy(of:)) {
            case .contended: continue
            case .conflict(let conflict): run.foundEarly = conflict
            case .unaffected:
                run.transaction = nil
                open.move(toBasis: head.seq, head.cells)
                run.transaction = open
                run.ground?.seq = head.seq
                run.ground?.cells = head.cells
                run.ground?.derived = head.derived
            }
        }
    }

    /// Takes an event that has ended out of everything that could wake it, and lets go on what waited for it.
    func unpark(_ run: EventRun) {
        if alone === run { endAlone() }
        guard waiting.removeValue(forKey: run.number) != nil else { return }
        if waiting.isEmpty { forgetHistory() }
        if let pending = run.pending { asked[pending.id] = nil }
        run.pending = nil
        run.ground = nil
        run.transaction = nil
        if run.isReady { ready.removeAll { $0 === run } }
        guard let session = run.origin.session, session.run === run else { return }
        session.run = nil
        if !session.queue.isEmpty { mailbox.prepend(.queued(session)) }
    }

    /// Whether what comes from a session now has to wait: its events run in the order of their ids, so those behind a waiting one
    /// wait too.
    func isBehindWait(_ session: Session) -> Bool { session.run != nil || !session.queue.isEmpty }

    func queueBehindWait(_ work: Work, _ id: Int64, of session: Session) {
        session.queue.append(work)
        session.queuedThrough = id
        queuedBehindWaits += 1
    }

    /// One at a time, each before the rest of the mailbox: the next one may wait again, and those behind it stay.
    func runQueued(of session: Session, now: Int64) {
        guard session.run == nil, let work = session.queue.popFirst() else { return }
        queuedBehindWaits -= 1
        switch work {
        case .message(_, let type, let message, let at):
            begin(message: message, type, of: session, at: at, now: now)
        case .event(_, _, let event, let at): begin(event, of: session, at: at, now: now)
        case .refusedEvent(_, _, let id, let failure): refuse(id, failure, of: session)
        default: break
        }
        if session.run == nil, !session.queue.isEmpty { mailbox.prepend(.queued(session)) }
    }

    // MARK: - Questions

    /// `answer` of a participant.
    func receiveAnswer(_ ask: String, _ data: Value, on connection: ConnectionID) {
        guard let session = byConnection[connection] else { return }
        guard let run = asked[ask], case .ask(session.id, _, _, _)? = run.pending?.wait else {
            let failure = Failure(
                code: "unknown_ask", message: "nobody waits for an answer to `\(ask)`", retryable: false,
                details: .object(["ask": .string(ask)]))
            return outputs.append(.error(connection, id: nil, failure))
        }
        if let failure = unreadableLink(in: data, for: session) {
            return outputs.append(.error(connection, id: nil, failure))
        }
        session.hasActed = true
        finishWait(of: run, answer: data)
    }

    func sendQuestion(of run: EventRun, now: Int64) {
        guard let pending = run.pending, case .ask(let session, let name, let data, _) = pending.wait,
            let connection = sessions[session]?.connection
        else { return }
        outputs.append(
            .ask(connection, Ask(id: pending.id, name: name, data: data, timeoutMs: max(0, pending.due - now))))
    }

    /// What a participant has still to answer, after its return.
    func resendQuestions(to session: Session, now: Int64) {
        for run in asked.values.sorted(by: { $0.number < $1.number }) {
            guard let pending = run.pending, pending.isReleased, case .ask(session.id, _, _, _) = pending.wait else {
                continue
            }
            sendQuestion(of: run, now: now)
        }
    }

    /// A participant has left: what it was asked is answered with nothing, its own waiting event ends, and what stands
    /// behind that is refused, in its order.
    func endWaits(of session: Session, now: Int64) {
        for run in asked.values.sorted(by: { $0.number < $1.number }) {
            if case .ask(session.id, _, _, _)? = run.pending?.wait { finishWait(of: run, answer: nil) }
        }
        if let run = session.run, let lost = reattach(run) { settle(run, .error(lost), now: now) }
        while let work = session.queue.popFirst() {
            queuedBehindWaits -= 1
            switch work {
            case .event(_, let connection, let event, _):
                gathering.hold(.refused(session, connection, id: event.id, .sessionEnded))
            case .refusedEvent(_, let connection, let id, _):
                gathering.hold(.refused(session, connection, id: id, .sessionEnded))
            default: break
            }
        }
    }

    // MARK: - Ends

    /// The disk refused what some of them may have seen: all begin anew, with what was answered so far.
    func restartWaits() {
        alone?.wasAlone = false
        alone = nil
        for run in waiting.values.sorted(by: { $0.number < $1.number }) {
            run.isStale = true
            run.foundEarly = nil
            run.ground = nil
            run.transaction = nil
            makeReady(run)
        }
    }

    /// The room closes. Timers and messages of other rooms are still stored and run again where the room goes on, and so
    /// do events, which their senders send again; only callers and the senders of raw messages must be told.
    func abandonWaits(_ failure: Failure) {
        for run in waiting.values.sorted(by: { $0.number < $1.number }) {
            switch run.origin {
            case .call(let tokens, _): for token in tokens { outputs.append(.called(token: token, .failure(failure))) }
            case .message(let session): tell(session, failure)
            case .event, .delivery, .timer: break
            }
        }
        waiting.removeAll()
        asked.removeAll()
        ready.removeAll()
        alone = nil
    }
}
