import HearthLua
import HearthRecipes

/// Runs whose recipe's process died or hung under them.
extension RoomMachine {
    /// Takes note of a lost process and makes the event ready to run again on the newest state, in a new one.
    ///
    /// - Parameter failure: what the sender is told when this was the second time.
    /// - Returns: the event's answer when it may not run again.
    func outlive(_ loss: LuaLoss, _ failure: Failure, _ run: EventRun) -> Failure? {
        run.losses += 1
        run.ground = nil
        run.transaction = nil
        let ends = run.losses > EventRun.lossesMax
        tell(loss, event: run.cause.event, session: run.cause.session, run: run.runs, ends: ends)
        if ends { return failure }
        if let lost = reattach(run) { return lost }
        run.runs += 1
        stats.reruns += 1
        stats.reattached += 1
        return nil
    }

    func tell(_ loss: LuaLoss, event: String, session: String?, run: Int, ends: Bool) {
        stats.processesLost += 1
        note(
            .warning, "recipe process replaced",
            [
                "recipe": recipe.name, "reason": loss.reason, "signal": loss.signal.map { String($0) } ?? "-",
                "event": event, "session": session ?? "-", "run": String(run), "cause": loss.description,
                "outcome": ends ? "refused" : "runs again",
            ])
    }
}
