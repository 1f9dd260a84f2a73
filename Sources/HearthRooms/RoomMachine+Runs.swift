import HearthCells
import HearthLua
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// From an event to its answer: run, meet conflicts, run again.
extension RoomMachine {
    /// How one run ended.
    private enum Ending {
        case committed(Ack)
        indirect case failed(Failure)
        indirect case waits(Wait, Transaction)
        indirect case conflict(Conflict)
        indirect case lost(LuaLoss, Failure)
        case cutShort
    }

    func makeRun(
        _ cause: Cause, _ entry: Entry, who: Participant?, strictSince: UInt64? = nil, origin: EventRun.Origin
    ) -> EventRun {
        runsBegun += 1
        return EventRun(number: runsBegun, cause, entry, who: who, strictSince: strictSince, origin: origin)
    }

    /// Runs an event until it has its answer or must wait.
    ///
    /// A run after a conflict follows at once on the newest state, so only an event that waits can meet another one.
    func proceed(_ run: EventRun, now: Int64) {
        while true {
            let before = limits.checksRollback ? fingerprint() : nil
            let ending = attempt(run, now: now)
            switch ending {
            case .committed(let ack): return settle(run, .ack(ack), now: now)
            case .failed(let failure):
                checkRollback(before, of: run.cause.event)
                return settle(run, .error(failure), now: now)
            case .waits(let wait, let transaction):
                checkRollback(before, of: run.cause.event)
                return park(run, wait, transaction, now: now)
            case .conflict(let conflict):
                checkRollback(before, of: run.cause.event)
                if let failure = meet(conflict, run) { return settle(run, .error(failure), now: now) }
            case .cutShort:
                checkRollback(before, of: run.cause.event)
                return layBy(run)
            case .lost(let loss, let failure):
                checkRollback(before, of: run.cause.event)
                if let failure = outlive(loss, failure, run) { return settle(run, .error(failure), now: now) }
            }
        }
    }

    /// An event took longer than this turn lets it: it begins again in the next, before all others.
    private func layBy(_ run: EventRun) {
        run.isStale = true
        run.isReady = true
        ready.insert(run, at: 0)
        isCutShort = true
    }

    private func attempt(_ run: EventRun, now: Int64) -> Ending {
        discardVMIfPlanned(before: run)
        let invocation = invocation(of: run)
        runtime.sliceMs = sliceMs
        defer { runtime.sliceMs = nil }
        var transaction: Transaction
        let outcome: RunOutcome
        if let ground = run.ground {
            transaction = Transaction(basis: ground.seq, state: ground.cells)
            outcome = runtime.run(
                invocation, in: &transaction, derived: &ground.derived, ephemeral: ground.ephemeral)
        } else {
            transaction = Transaction(basis: head.seq, state: head.cells)
            outcome = runtime.run(invocation, in: &transaction, derived: &head.derived, ephemeral: ephemeral)
        }
        switch outcome {
        case .failure where runtime.isCutShort: return .cutShort
        case .failure(let failure): return .failed(failure)
        case .lost(let loss, let failure): return .lost(loss, failure)
        case .waiting(let wait): return .waits(wait, transaction)
        case .success(let result, let effects):
            if let since = run.strictSince,
                let conflict = transaction.strictConflict(since: since, history: history)
            {
                return .conflict(conflict)
            }
            if let conflict = plannedConflict(for: run, transaction) { return .conflict(conflict) }
            if limits.checksRuns, let failure = difference(invocation, run, transaction, effects, result) {
                return .failed(failure)
            }
            return transaction.basisSeq == head.seq
                ? commit(consume transaction, run, effects: effects, result: result, now: now)
                : rebase(consume transaction, run, effects: effects, result: result, now: now)
        }
    }

    /// Commits what ran on the newest state.
    private func commit(
        _ transaction: consuming Transaction, _ run: EventRun, effects: [Effect], result: Value?, now: Int64
    ) -> Ending {
        let (cells, changes) = transaction.end()
        let story = Story(runs: run.runs, met: run.met, waits: run.finished)
        return commit(cells, changes, run, story, effects: effects, result: result, now: now)
    }

    /// Commits what ran on an older state, if what was committed since does not stand against it.
    private func rebase(
        _ transaction: consuming Transaction, _ run: EventRun, effects: [Effect], result: Value?, now: Int64
    ) -> Ending {
        var story = Story(runs: run.runs, met: run.met, waits: run.finished)
        guard let commits = history.commits(after: transaction.basisSeq, upTo: head.seq) else {
            return .conflict(conflict(at: nil, since: transaction.basisSeq, actual: nil))
        }
        let finish = transaction.finish(
            head: head.cells, headSeq: head.seq, since: commits, policy: policy(of:),
            merge: { [runtime] function, cell, base, mine, theirs in
                runtime.merge(function, base: base, mine: mine, theirs: theirs, cell: cell)
            })
        guard case .ready(let cells, let changes, let merged) = finish else {
            if case .conflict(let conflict) = finish { return .conflict(conflict) }
            return .failed(.impossible("a transaction ended in no way"))
        }
        if !merged.isEmpty, let path = runtime.misfit(changes, in: cells) {
            return .conflict(conflict(at: path, since: transaction.basisSeq, actual: cells.value(at: path)))
        }
        if limits.checksRuns, let failure = lostUpdate(run, transaction, cells, merged: merged) {
            return .failed(failure)
        }
        if !merged.isEmpty {
            stats.merges += 1
            story.merged = merged
            story.basis = transaction.basisSeq
        }
        return commit(cells, changes, run, story, effects: effects, result: result, now: now)
    }

    private func commit(
        _ cells: consuming CellState, _ changes: consuming [Change], _ run: EventRun, _ story: Story, effects: [Effect],
        result: Value?, now: Int64
    ) -> Ending {
        // Timers count from now, not from when the event came: it may have waited, or stood behind one that did.
        do throws(Failure) {
            return .committed(
                try commit(
                    cells, changes, run.cause, story, who: run.who, effects: effects, result: result, from: now,
                    freesTimer: run.origin.timer != nil))
        } catch {
            return .failed(error)
        }
    }

    /// - Parameter present: who is in the room; nil: who was when the run began.
    func invocation(of run: EventRun, among present: [Participant]? = nil) -> Invocation {
        Invocation(
            entry: run.entry, data: run.cause.data, who: run.who, now: run.cause.at, seed: run.cause.seed,
            run: run.runs, room: id, participants: present ?? run.ground?.participants ?? participants, met: run.met,
            finished: run.finished, isTrusted: run.isTrusted)
    }

    /// The merge policy of a cell; derived cells have none.
    func policy(of cell: String) -> MergePolicy {
        runtime.recipe.declaration(ofCell: cell)?.merge ?? .conflict
    }

    /// A conflict of which no single commit is the cause.
    ///
    /// - Parameter path: where; nil: the room has moved on further than it remembers commits.
    func conflict(at path: Path?, since seq: UInt64, actual: Value?) -> Conflict {
        Conflict(
            cell: path?.cell ?? "", pointer: path?.pointerInCell ?? Pointer(), expected: nil, actual: actual,
            winner: history.last?.info ?? CommitInfo(), winnerSeq: head.seq, readAt: 0)
    }

    // MARK: - Conflicts

    /// Takes note of a conflict and makes the event ready to run again on the newest state.
    ///
    /// - Returns: the event's answer when it may not run again.
    func meet(_ conflict: Conflict, _ run: EventRun) -> Failure? {
        let basis = run.strictSince ?? run.ground?.seq ?? head.seq
        stats.conflicts += 1
        run.met.append(conflict)
        run.ground = nil
        run.transaction = nil
        let handler = run.entry.handler.flatMap { runtime.recipe.handlers[$0] }
        let mayRetry = run.strictSince == nil && handler?.onConflict != .reject
        let ends = !mayRetry || run.runs >= handler?.maxRuns ?? HandlerDeclaration.maxRunsDefault
        explain(conflict, run, outcome: ends ? "refused" : "runs again")
        if ends {
            return Failure(conflict: conflict, recipe: runtime.recipe, seq: head.seq, basis: basis, runs: run.runs)
        }
        if let lost = reattach(run) { return lost }
        run.runs += 1
        stats.reruns += 1
        stats.reattached += 1
        return nil
    }

    private func explain(_ conflict: Conflict, _ run: EventRun, outcome: String) {
        note(
            run.strictSince == nil ? .debug : .info, "conflict",
            [
                "event": run.cause.event, "session": run.cause.session ?? "-", "run": String(run.runs),
                "cell": conflict.cell, "path": conflict.pointer.description,
                "expected": conflict.expected.map { JSON.text($0) } ?? "-",
                "actual": conflict.actual.map { JSON.text($0) } ?? "-",
                "read_at": runtime.recipe.place(conflict.readAt)?.description ?? "-",
                "by": conflict.winner.participant ?? "-", "by_event": conflict.winner.event ?? "-",
                "by_seq": String(conflict.winnerSeq), "outcome": outcome,
            ])
    }

    /// Looks up again what the event is bound to. Cells and links need no looking up: each run names them, and finds
    /// what they are then.
    ///
    /// - Returns: the event's answer when a binding is lost.
    func reattach(_ run: EventRun) -> Failure? {
        var lost: (binding: String, why: String)?
        if let handler = run.entry.handler, runtime.recipe.handlers[handler] == nil {
            lost = ("handler", "the recipe has no handler `\(handler)` any more")
        }
        switch run.origin {
        case .event(let session, _), .message(let session):
            if !isHere(session) {
                lost = ("session", "its participant has left")
            } else if let failure = unreadableLink(in: run.cause.data, for: session) {
                stats.lostBindings += 1
                return failure
            }
        case .timer(let id):
            if head.timers[id] == nil { lost = ("timer", "its timer was cancelled") }
        case .call, .delivery: break
        }
        guard let lost else { return nil }
        stats.lostBindings += 1
        return Failure(
            code: "handler_failed", message: "`\(run.cause.event)` was rolled back and cannot run again: \(lost.why)",
            retryable: false,
            details: .object([
                "recipe": .string(recipe.name), "handler": .string(run.cause.event), "binding": .string(lost.binding),
            ]))
    }

    // MARK: - Answers

    /// Ends an event: whoever asked is answered once its outcome is on disk, and what waited for it goes on.
    func settle(_ run: EventRun, _ answer: Answer, now: Int64) {
        unpark(run)
        if case .error = answer { stats.failures += 1 }
        switch run.origin {
        case .event(let session, let id): settle(answer, of: id, session)
        case .message(let session): settleMessage(of: session, answer.result)
        case .call(let tokens, let key): settleCall(tokens, key, answer.result)
        case .delivery(let delivery): settleDelivery(delivery, answer.result)
        case .timer(let id): settleTimer(id, run.cause, answer.result, now: now)
        }
    }
}

extension Entry {
    /// The name of the handler that runs, for events.
    var handler: String? {
        if case .handler(let name) = self { name } else { nil }
    }
}
