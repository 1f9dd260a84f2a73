import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues

/// What a handler must not do, seen by running it once more. In the machine itself, so that what is tested is what runs.
extension RoomMachine {
    /// Runs an event's handler once more, as a run after a conflict would, and compares all that it did. One event in
    /// sixteen runs again in a VM of its own, so that what a VM has kept from earlier events shows too.
    ///
    /// - Returns: the event's answer when the two runs differ.
    func difference(
        _ invocation: Invocation, _ run: EventRun, _ first: Transaction, _ effects: [Effect], _ result: Value?
    ) -> Failure? {
        let invocation = invocation.again
        var found: (what: String, line: Int32)?
        if invocation.seed % 16 == 0 {
            found = runtime.withFreshVM { difference(from: first, effects, result, runAgain(invocation, run, first)) }
        } else {
            found = difference(from: first, effects, result, runAgain(invocation, run, first))
        }
        guard let found else { return nil }
        return impurity("`\(run.cause.event)` is no function of its event: run twice, \(found.what)", run, found.line)
    }

    private func runAgain(
        _ invocation: Invocation, _ run: EventRun, _ first: Transaction
    ) -> (RunOutcome, Transaction) {
        var second = Transaction(basis: first.basisSeq, state: first.basis)
        var derived = run.ground?.derived ?? head.derived
        let outcome = runtime.run(
            invocation, in: &second, derived: &derived, ephemeral: run.ground?.ephemeral ?? ephemeral)
        return (outcome, second)
    }

    private func difference(
        from first: Transaction, _ effects: [Effect], _ result: Value?, _ second: (RunOutcome, Transaction)
    ) -> (what: String, line: Int32)? {
        switch second.0 {
        case .failure(let failure): return ("it failed the second time: \(failure.message)", 0)
        case .lost(let loss, _): return ("the second run has no end: \(loss)", 0)
        case .waiting: return ("it waited the second time only", 0)
        case .success(let secondResult, let secondEffects):
            if let write = first.firstDifference(from: second.1) { return write }
            // What is logged may tell the runs apart.
            if effects.filter(\.isMoreThanLog) != secondEffects.filter(\.isMoreThanLog) {
                return ("its effects differed", 0)
            }
            if result != secondResult { return ("it returned \(shown(result)), then \(shown(secondResult))", 0) }
            return nil
        }
    }

    /// Whether a commit that `:merge "last-write"` let through is what the event would have come to on the newest state. If
    /// not, it was made of what it had read before others changed it, and what they did is lost.
    ///
    /// - Parameter merged: the cells that both sides changed.
    /// - Returns: the event's answer when something is lost.
    func lostUpdate(_ run: EventRun, _ transaction: Transaction, _ cells: CellState, merged: [String]) -> Failure? {
        let settled = merged.filter { policy(of: $0) == .lastWrite }
        if settled.isEmpty { return nil }
        let invocation = invocation(of: run, among: participants)
        var again = Transaction(basis: head.seq, state: head.cells)
        let outcome = runtime.run(invocation, in: &again, derived: &head.derived, ephemeral: ephemeral)
        let serial: CellState
        switch outcome {
        case .success: serial = again.state
        case .failure: serial = head.cells
        case .waiting, .lost: return nil
        }
        guard let cell = settled.first(where: { serial.cells[$0] != cells.cells[$0] }) else { return nil }
        let line = transaction.placedWrites.last { $0.write.path.cell == cell }?.line ?? 0
        return impurity(
            "`\(run.cause.event)` made `\(cell)` of what it had read before others changed it, and :merge \"last-write\" let"
                + " it stand: it is \(shown(cells.cells[cell])), after the others it would be \(shown(serial.cells[cell]))",
            run, line)
    }

    private func impurity(_ message: String, _ run: EventRun, _ line: Int32) -> Failure {
        var details: Object = ["recipe": .string(recipe.name), "handler": .string(run.cause.event)]
        var message = message
        if let place = runtime.recipe.place(line) {
            details["line"] = .int(Int64(place.line))
            details["file"] = .string(place.file)
            message += " (\(place))"
        }
        return Failure(code: "handler_failed", message: message, retryable: false, details: .object(details))
    }

    private func shown(_ value: Value?) -> String { value.map { JSON.text($0) } ?? "nothing" }
}

extension Effect {
    fileprivate var isMoreThanLog: Bool {
        if case .log = self { false } else { true }
    }
}
