import HearthRecipes
import HearthStore
import HearthValues

/// Durable timers: `ctx.after`, and the recipe's `every`.
extension RoomMachine {
    func setTimer(_ timer: String, dueAt: Int64, handler: String, data: Value) {
        let record = TimerRecord(id: timer, dueAt: dueAt, handler: handler, data: JSON.bytes(data))
        head.timers[timer] = record
        gathering.write.timersSet.append(record)
        agenda.add(.timer(timer), due: dueAt)
    }

    func cancelTimer(_ timer: String) {
        guard head.timers.removeValue(forKey: timer) != nil else { return }
        // A write sets timers after it has cancelled others: one set in this very write would stay, and run again.
        gathering.write.timersSet.removeAll { $0.id == timer }
        gathering.write.timersCancelled.append(timer)
    }

    /// Sets the timers of `every` that are not set yet, and drops those that the recipe no longer has.
    func reconcileEvery(now: Int64) {
        var wanted: [String: (ms: Int64, handler: String)] = [:]
        for (index, entry) in runtime.recipe.every.enumerated() {
            wanted["every:\(index)"] = (Int64(entry.seconds * 1_000), entry.handler)
        }
        for timer in head.timers.keys.sorted() where timer.hasPrefix("every:") && wanted[timer] == nil {
            cancelTimer(timer)
        }
        for (timer, entry) in wanted.sorted(by: { $0.key < $1.key }) {
            // One that was set for longer than its period now is, is set anew.
            if let known = head.timers[timer], known.handler == entry.handler, known.dueAt <= now + entry.ms {
                continue
            }
            setTimer(timer, dueAt: nextMultiple(of: entry.ms, after: now), handler: entry.handler, data: .null)
        }
    }

    func runTimer(_ timer: String, now: Int64) {
        guard let record = head.timers[timer], record.dueAt <= now,
            !waiting.values.contains(where: { $0.origin.timer == timer })
        else { return }
        let data = (try? JSON.parse(record.data, links: .parsed)) ?? .null
        let cause = Cause(
            session: nil, event: record.handler, eventID: nil, data: data, at: now, seed: seed(timer, record.dueAt))
        proceed(makeRun(cause, .handler(record.handler), who: nil, origin: .timer(id: timer)), now: now)
    }

    /// A timer is used up, or set for its next time, together with what its handler did.
    func settleTimer(_ timer: String, _ cause: Cause, _ result: Result<Ack, Failure>, now: Int64) {
        if let record = head.timers[timer] {
            if let period = everyPeriod(of: timer) {
                setTimer(timer, dueAt: nextMultiple(of: period, after: now), handler: record.handler, data: .null)
            } else {
                cancelTimer(timer)
            }
        }
        if case .failure(let failure) = result {
            note(
                .warning, "timer failed",
                ["timer": timer, "handler": cause.event, "code": failure.code, "cause": failure.message])
        }
    }

    /// Moves what has become due into the mailbox.
    func collectDue(now: Int64) {
        guard now >= pausedUntil, !isDraining else { return }
        while let (due, item) = agenda.take(dueAt: now) {
            switch item {
            case .wait(let number):
                guard let run = waiting[number], let pending = run.pending, pending.due <= now else { continue }
                finishWait(of: run, answer: nil)
            case .delayed: releaseDelayed(now: now)
            case .reload:
                guard let reload = laterReload else { continue }
                laterReload = nil
                mailbox.append(.reload(reload))
            case .alone(let number):
                if alone?.number == number { endAlone() }
            case .deliveries:
                for delivery in putOff { mailbox.append(.delivery(delivery)) }
                putOff = []
            case .timer(let timer):
                if let due = head.timers[timer]?.dueAt, due <= now { mailbox.append(.timer(id: timer)) }
            case .session(let session):
                guard let session = sessions[session], session.expiresAt == due, !session.isEnding else { continue }
                mailbox.append(.expire(session))
            }
        }
    }

    func rebuildAgenda() {
        agenda = Agenda()
        for timer in head.timers.values.sorted(by: { $0.id < $1.id }) { agenda.add(.timer(timer.id), due: timer.dueAt) }
        for session in sessions.values.sorted(by: { $0.id < $1.id }) {
            if let due = session.expiresAt { agenda.add(.session(session.id), due: due) }
        }
        for run in waiting.values.sorted(by: { $0.number < $1.number }) {
            if let pending = run.pending { agenda.add(.wait(run.number), due: pending.due) }
        }
        if delayed != nil { agenda.add(.delayed, due: 0) }
        if laterReload != nil { agenda.add(.reload, due: pausedUntil) }
        if let alone { agenda.add(.alone(alone.number), due: aloneUntil) }
        if !putOff.isEmpty { agenda.add(.deliveries, due: lastTime + limits.waitingRetryMs) }
    }

    /// No more handlers may wait now, and nobody would send this again: a timer or a message of another room runs later.
    ///
    /// - Returns: false for all others, whose senders are told.
    func putOff(_ run: EventRun, now: Int64) -> Bool {
        let due = now + limits.waitingRetryMs
        switch run.origin {
        case .timer(let timer): agenda.add(.timer(timer), due: due)
        case .delivery(let delivery):
            putOff.append(delivery)
            agenda.add(.deliveries, due: due)
        case .event, .message, .call: return false
        }
        return true
    }

    /// Takes note of the time. When somebody has set the clock back, what was to end after some time still ends after that
    /// time; timers of `ctx.after` are kept on disk and go by the clock.
    func note(time now: Int64) {
        defer { lastTime = now }
        let back = lastTime - now
        guard back > 0 else {
            if backlog.due <= now { forgetOld(now: now) }
            return
        }
        backlog.shift(by: back)
        for run in waiting.values { run.pending?.due -= back }
        for session in sessions.values {
            session.expiresAt = session.expiresAt.map { $0 - back }
            session.recentRuns = [:]
        }
        pausedUntil -= back
        aloneUntil -= back
        for (timer, record) in head.timers.sorted(by: { $0.key < $1.key }) {
            guard let period = everyPeriod(of: timer), record.dueAt > now + period else { continue }
            setTimer(timer, dueAt: nextMultiple(of: period, after: now), handler: record.handler, data: .null)
        }
        rebuildAgenda()
    }

    private func everyPeriod(of timer: String) -> Int64? {
        guard timer.hasPrefix("every:"), let index = Int(timer.dropFirst(6)),
            runtime.recipe.every.indices.contains(index)
        else { return nil }
        return Int64(runtime.recipe.every[index].seconds * 1_000)
    }

    private func nextMultiple(of period: Int64, after now: Int64) -> Int64 {
        let period = max(1, period)
        return (now / period + 1) * period
    }
}
