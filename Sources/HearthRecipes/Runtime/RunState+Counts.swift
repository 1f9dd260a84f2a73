import HearthValues

/// What one event asked for, counted against its limits.
extension RunState {
    struct Counts {
        var writes = 0
        var signals = 0
        var timers = 0
        var logLines = 0
        var logBytes = 0
    }

    /// Adds to a count. A limit that is crossed ends the run, and no `pcall` goes on.
    func count(
        _ counted: WritableKeyPath<Counts, Int>, _ amount: Int = 1, as kind: String, upTo max: Int, _ what: String
    ) throws(RunError) {
        counts[keyPath: counted] += amount
        if max != 0, counts[keyPath: counted] > max { throw cross(kind, max, what) }
    }

    func cross(_ kind: String, _ max: Int, _ what: String) -> RunError {
        crossed = (kind, Int64(max))
        return RunError("more than \(max) \(what) in one event", code: "budget_exceeded")
    }

    func count(_ effect: Effect) throws(RunError) {
        switch effect {
        case .signal, .broadcast, .reply, .send:
            try count(\.signals, as: "signals", upTo: limits.signalsMax, "signals and messages")
        case .schedule, .cancel: try count(\.timers, as: "timers", upTo: limits.timersMax, "timers")
        case .log(let text):
            try count(\.logLines, as: "log_lines", upTo: limits.logLinesMax, "lines in the log")
            try count(\.logBytes, text.utf8.count, as: "log_bytes", upTo: limits.logBytesMax, "bytes in the log")
        case .ephemeral: break
        }
    }
}
