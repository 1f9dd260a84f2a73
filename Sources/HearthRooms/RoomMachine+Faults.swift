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
}
