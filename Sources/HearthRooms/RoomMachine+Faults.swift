import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues

/// Where planned faults strike. In the machine itself, so that what is tested is what runs.
extension RoomMachine {
    /// The next commits of a handler meet a conflict. For tests of recipes.
    package func forceConflicts(of handler: String, times: Int) {
        var injector = faults ?? FaultInjector(RoomFaults())
        injector.add(conflicts: times, of: handler)
        faults = injector
    }

    /// An event that runs alone can meet no conflict: nobody else commits.
    func plannedConflict(for run: EventRun, _ transaction: Transaction) -> Conflict? {
        guard faults != nil, run.met.count < limits.conflictsBeforeAlone,
            faults?.conflicts(run.cause.event) == true
        else { return nil }
        let touched = transaction.firstTouch
        return Conflict(
            cell: touched?.path.cell ?? "", pointer: touched?.path.pointerInCell ?? Pointer(), expected: touched?.seen,
            actual: touched?.seen, winner: CommitInfo(event: "fault"), winnerSeq: head.seq, readAt: touched?.line ?? 0)
    }

    func discardVMIfPlanned(before run: EventRun) {
        guard faults?.discards() == true else { return }
        do { try runtime.discardVM() } catch {
            note(.error, "the recipe does not load again", ["event": run.cause.event, "cause": "\(error)"])
        }
    }

    /// Follows an event, not a return: with a socket cut for each of those as well, nobody would ever get to say anything.
    func dropPlanned(now: Int64) {
        guard faults != nil else { return }
        let attached = byConnection.keys.sorted()
        guard let place = faults?.dropped(of: attached.count) else { return }
        outputs.append(.cut(attached[place]))
        detach(attached[place], now: now)
    }

    // MARK: - Runs that must be equal

    /// Runs an event's handler once more, as a run after a conflict would, and compares all that it did.
    ///
    /// - Returns: the event's answer when the two runs differ.
    func difference(
        _ invocation: Invocation, _ run: EventRun, _ first: Transaction, _ effects: [Effect], _ result: Value?
    ) -> Failure? {
        var invocation = invocation
        invocation.run += 1
        var second = Transaction(basis: first.basisSeq, state: first.basis)
        let outcome = runtime.run(
            invocation, in: &second, derived: run.ground?.derived ?? head.derived,
            ephemeral: run.ground?.ephemeral ?? ephemeral)
        guard let found = difference(outcome, first, second, effects, result) else { return nil }
        var details: Object = ["recipe": .string(recipe.name), "handler": .string(run.cause.event)]
        var message = "`\(run.cause.event)` is no function of its event: run twice, \(found.what)"
        if let place = runtime.recipe.place(found.line) {
            details["line"] = .int(Int64(place.line))
            details["file"] = .string(place.file)
            message += " (\(place))"
        }
        return Failure(code: "handler_failed", message: message, retryable: false, details: .object(details))
    }

    private func difference(
        _ outcome: RunOutcome, _ first: Transaction, _ second: Transaction, _ effects: [Effect], _ result: Value?
    ) -> (what: String, line: Int32)? {
        switch outcome {
        case .failure(let failure): return ("it failed the second time: \(failure.message)", 0)
        case .lost(let loss, _): return ("the second run has no end: \(loss)", 0)
        case .waiting: return ("it waited the second time only", 0)
        case .success(let secondResult, let secondEffects):
            if let write = first.firstDifference(from: second) { return write }
            if effects != secondEffects { return ("its effects differed", 0) }
            if result != secondResult { return ("it returned \(shown(result)), then \(shown(secondResult))", 0) }
            return nil
        }
    }

    private func shown(_ value: Value?) -> String { value.map { JSON.text($0) } ?? "nothing" }
}
