import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Another version of the recipe, taken up between two commits. State, sessions, timers and waiting events stay.
///
/// Each run of a handler is of one version from its beginning to its end, and its commit says of which. An event whose
/// handler waits has ended its run: it goes on by running again under the new version, its finished waits remembered.
extension RoomMachine {
    /// The recipe of the room's newest state.
    package var recipe: RecipeStamp { head.code.stamp }

    /// Has the room run another version of its recipe after what it has been told so far. Ends in `.reloaded`.
    package func reload(_ reload: RoomReload, now: Int64) {
        note(time: now)
        mailbox.append(.reload(reload))
        collectDue(now: now)
        announceWake(now: now)
    }

    func runReload(_ reload: RoomReload, knowsOld: Bool = true, now: Int64) {
        let from = head.code.stamp
        var report = ReloadReport(
            generation: reload.generation, from: from, to: RecipeStamp(reload.runtime.recipe),
            outcome: .swapped(seq: nil, migrated: false))
        guard !isClosed, reload.generation > head.code.generation else {
            report.outcome = .passedOver
            return outputs.append(.reloaded(report))
        }
        let before = limits.checksRollback ? fingerprint() : nil
        switch swap(to: reload, knowsOld: knowsOld, now: now) {
        case .failure(let failure):
            checkRollback(before, of: "a change of recipe")
            stats.reloadsRefused += 1
            report.outcome = .refused(failure)
            outputs.append(.reloaded(report))
        case .success(let swap): take(swap, reload, report, now: now)
        }
    }

    private func take(_ swap: RecipeSwap, _ reload: RoomReload, _ report: ReloadReport, now: Int64) {
        var report = report
        let old = head.code
        let code = RoomCode(reload.runtime, generation: reload.generation, cells: swap.cells.cells)
        let cause = Cause(
            session: nil, event: "reload", eventID: nil,
            data: ["from": old.stamp.value, "to": code.stamp.value], at: now,
            seed: seed("migrate", code.stamp.version))
        head.code = code
        head.cells = swap.cells
        head.derived = swap.derived
        stats.reloads += 1
        if code.stamp.version != old.stamp.version { gathering.write.recipeVersion = code.stamp.version }
        var commit: CommittedCells?
        // Who was away learns by the seq that what it saw is not what there is.
        if !swap.isEmpty || code.stamp.version != old.stamp.version || !old.visibility.serves(code.visibility) {
            let made = makeCommit(cause, Story(), swap.changes)
            // Replicas do not have what was not shown, so they cannot follow changes of it.
            let followed = swap.stored.filter { !old.visibility.isRetired($0.cell) }
            let told = ToldCommit(commit: made, instead: followed + swap.derivedOperations + swap.showing)
            commit = CommittedCells(told: told, view: view)
        }
        report.outcome = .swapped(seq: commit?.told.seq, migrated: swap.migrated)
        reconcileEvery(now: now)
        report.lostTimers = head.timers.values.sorted { $0.id < $1.id }
            .filter { code.runtime.recipe.handlers[$0.handler] == nil }.map { "\($0.id) (\($0.handler))" }
        (report.reattached, report.lostWaits) = reattachWaits(now: now)
        gathering.hold(
            .reloaded(
                ReloadUnderWay(reload: reload, report: report, code: code, commit: commit, hiding: swap.hiding)))
        apply(swap.effects, cause, who: nil, from: now)
    }

    /// Waiting events begin anew when their waits are over; those whose handlers are gone end now.
    private func reattachWaits(now: Int64) -> (reattached: Int, lost: Int) {
        var counts = (reattached: 0, lost: 0)
        for run in waiting.values.sorted(by: { $0.number < $1.number }) {
            if let lost = reattach(run) {
                settle(run, .error(lost), now: now)
                counts.lost += 1
                continue
            }
            run.isStale = true
            run.foundEarly = nil
            run.ground = nil
            run.transaction = nil
            // Lines of the old sources say nothing about the new ones.
            for place in run.met.indices { run.met[place].readAt = 0 }
            counts.reattached += 1
        }
        return counts
    }

    // MARK: - Once it is on disk

    func release(_ underWay: ReloadUnderWay) {
        let old = shown
        if old.visibility.serves(underWay.code.visibility) {
            shown = underWay.code
            if let commit = underWay.commit { publish(commit, hiding: underWay.hiding, shownBy: old.visibility) }
            if !underWay.hiding.isEmpty { forgetBacklog() }
            takeUpEphemeral()
            outputs.append(.reload(shown.stamp))
        } else {
            // What changed before is told by the rules of before.
            flushEphemeral()
            shown = underWay.code
            outputs.append(.reload(shown.stamp))
            if let commit = underWay.commit { showAnew(commit) }
        }
        outputs.append(.reloaded(underWay.report))
    }

    /// The disk refused it: the room runs what it ran, and tries again.
    func refuse(_ underWay: ReloadUnderWay) {
        guard underWay.reload.generation >= laterReload?.generation ?? 0 else { return }
        laterReload = underWay.reload
    }

    /// What was sent holds what is not shown any more: who resumes is sent everything.
    private func forgetBacklog() {
        backlog.removeAll()
        for audience in audiences { noticeBytes -= audience.forget(through: .max) }
    }

    /// Who may see what is another matter now: everyone is shown all that it may see, in place of the commit. So who has
    /// not got it yet when the connection breaks does not know the commit either, and is sent everything when it returns.
    private func showAnew(_ commit: CommittedCells) {
        forgetBacklog()
        var before: [String: Audience] = [:]
        for session in sessions.values {
            before[session.id] = session.audience
            leaveAudience(session)
        }
        // Nobody is told of what this changes: it is in what everyone is shown.
        takeUpEphemeral()
        flushEphemeral()
        for (connection, session) in byConnection.sorted(by: { $0.key < $1.key }) {
            guard let old = before[session.id] else { continue }
            regroup(session, connection, from: old)
            sendState(of: commit.view, seq: commit.told.seq, to: connection)
        }
    }

    /// Ephemeral cells are nowhere but here: those that are no more go, those that are new get their first values.
    private func takeUpEphemeral() {
        let recipe = shown.runtime.recipe
        for (cell, value) in ephemeral {
            guard let declaration = recipe.declaration(ofCell: cell), declaration.isEphemeral else {
                // A stored cell of that id stands in the commit already.
                let isStored = recipe.holds(storedCell: cell) || recipe.derivedNames.contains(cell)
                if isStored { ephemeral[cell] = nil } else { writeEphemeral(cell, nil) }
                continue
            }
            if (try? declaration.type.accept(value)) == nil { writeEphemeral(cell, declaration.initial) }
        }
        for declaration in recipe.cells.values.sorted(by: { $0.name < $1.name }) where declaration.isEphemeral {
            let owners = declaration.scope == .room ? [nil] : participants.map { Optional($0) }
            for owner in owners {
                guard let cell = declaration.id(for: owner), ephemeral[cell] == nil else { continue }
                writeEphemeral(cell, declaration.initial)
            }
        }
    }
}

extension RecipeStamp {
    fileprivate var value: Value { ["hash": .string(hash), "version": .int(version)] }
}
