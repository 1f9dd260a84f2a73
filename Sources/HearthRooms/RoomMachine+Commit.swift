import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// From a cause to a commit: run, collect what nothing links to, bring derived cells up to date, write the fact.
extension RoomMachine {
    /// Runs `entry` in one transaction on the newest state and commits it; on any failure nothing of it remains. For what
    /// the room does itself, which neither waits nor meets conflicts.
    ///
    /// - Parameter entry: what to run; nil when only `prepare` and `conclude` have something to write.
    /// - Parameter prepare: writes that belong to the same commit and come before the handler.
    /// - Parameter conclude: writes that belong to the same commit and come after it.
    /// - Parameter losses: how often it ran already and lost its process.
    func transact(
        _ cause: Cause, _ entry: Entry?, who: Participant?,
        prepare: [Write] = [], losses: Int = 0, conclude: (CellState) -> [Write] = { _ in [] }
    ) -> Result<Ack, Failure> {
        var transaction = Transaction(basis: head.seq, state: head.cells)
        var result: Value?
        var effects: [Effect] = []
        do {
            for write in prepare { try transaction.write(write) }
            if let entry {
                let invocation = Invocation(
                    entry: entry, data: cause.data, who: who, now: cause.at, seed: cause.seed, room: id,
                    participants: participants, isTrusted: who == nil)
                let instructions = runtime.instructions
                let outcome = runtime.run(invocation, in: &transaction, derived: &head.derived, ephemeral: ephemeral)
                if runtime.instructions &- instructions >= Self.longRun { longOwnRuns += 1 }
                switch outcome {
                case .failure(let failure): return .failure(failure)
                case .lost(let loss, let failure):
                    let ends = losses == EventRun.lossesMax
                    tell(loss, event: cause.event, session: cause.session, run: losses + 1, ends: ends)
                    if ends { return .failure(failure) }
                    return transact(
                        cause, entry, who: who, prepare: prepare, losses: losses + 1, conclude: conclude)
                case .waiting: return .failure(.impossible("\(cause.event) waits"))
                case .success(let value, let produced): (result, effects) = (value, produced)
                }
            }
            for write in conclude(transaction.state) { try transaction.write(write) }
        } catch {
            return .failure(Failure(internal: error))
        }
        let (cells, changes) = transaction.end()
        return Result { () throws(Failure) in
            try commit(cells, changes, cause, Story(), who: who, effects: effects, result: result, from: cause.at)
        }
    }

    /// Commits `cells`, to which `changes` lead from the newest state.
    ///
    /// - Parameter from: the time that delays of timers count from.
    /// - Parameter freesTimer: whether the timer that caused it is used up by the same commit.
    /// - Throws: what stands against it; nothing of it remains then.
    func commit(
        _ cells: consuming CellState, _ changes: consuming [Change], _ cause: Cause, _ story: Story, who: Participant?,
        effects: [Effect], result: Value?, from: Int64, freesTimer: Bool = false
    ) throws(Failure) -> Ack {
        if let failure = collectUnlinked(&cells, &changes) { throw failure }
        if let failure = exceeded(cells, effects, freesTimer: freesTimer) { throw failure }
        guard !changes.isEmpty else {
            apply(effects, cause, who: who, from: from)
            return Ack(id: cause.eventID ?? 0, seq: head.seq, result: result, runs: story.runs)
        }
        do {
            try updateDerived(after: changes, cells)
        } catch {
            throw Failure(derived: error)
        }
        head.cells = consume cells
        let told = ToldCommit(commit: makeCommit(cause, story, consume changes))
        gathering.hold(.commit(CommittedCells(told: told, view: view)))
        apply(effects, cause, who: who, from: from)
        return Ack(id: cause.eventID ?? 0, seq: head.seq, result: result, runs: story.runs)
    }

    /// Before a room's first commit its derived cells have no values: they are computed from nothing then.
    private func updateDerived(after changes: [Change], _ cells: CellState) throws(DerivedError) {
        if head.seq > 0 { return try head.derived.refresh(after: changes, state: cells) }
        try head.derived.build(on: cells)
    }

    /// Makes the next commit; its fact is written with those of the other commits of the turn.
    func makeCommit(_ cause: Cause, _ story: Story, _ changes: consuming [Change]) -> Commit {
        var newcomer: Participant?
        if let id = cause.session, let session = session(by: id), !session.isOnRecord {
            newcomer = session.participant
            session.isOnRecord = true
        }
        head.seq += 1
        gathering.commits += 1
        stats.commits += 1
        let weight = Self.commitWeight + changes.wholeWeight + head.derived.lastChanges.weight
        let commit = Commit(
            seq: head.seq, writes: consume changes, derived: head.derived.lastChanges,
            info: CommitInfo(event: cause.event, handler: cause.event, participant: cause.session), weight: weight)
        let rare = story.isPlain && newcomer == nil ? nil : FactContent.Rare(story: story, newcomer: newcomer)
        unwritten.append(FactContent(commit: commit, cause: cause, code: head.code, rare: rare))
        history.append(commit)
        historyGrowth += commit.weight
        if !waiting.isEmpty,
            head.seq % UInt64(max(1, limits.backlogMax / 16)) == 0 || historyGrowth > limits.backlogBytesMax / 16
        {
            moveGroundsUp()
        }
        return commit
    }

    /// Writes the facts of the commits of a turn. All at once: what writes and hashes stays in the processor's caches from one to
    /// the next, and does not push out what runs handlers.
    func writeFacts() {
        unwritten.forEachLent { writeFact($0) }
        unwritten.removeAll(keepingCapacity: true)
    }

    private func writeFact(_ fact: borrowing Lent<FactContent>) {
        sink.clear(keepingCapacity: true)
        fact.element.write(into: &sink)
        let content = sink.bytes
        let id = hasher.id(parent: head.head, content: content)
        gathering.write.facts.append(
            Fact(seq: fact.element.commit.seq, parent: head.head, id: id, content: content))
        head.logBytes += content.count
        head.head = id
    }

    /// What a commit keeps in memory beside what it changed, in bytes, about.
    private static let commitWeight = 640

    /// For the one whose event runs, without looking it up.
    private func session(by id: String) -> Session? {
        if let speaker, speaker.isKnown, speaker.id.isSameString(as: id) { return speaker }
        return sessions[id]
    }

    /// Removes cells made on demand, and those of sessions that have ended, that nothing links to any more.
    func collectUnlinked(_ cells: inout CellState, _ changes: inout [Change]) -> Failure? {
        while true {
            let candidates = cells.takeUnlinked().filter(isCollectable)
            if candidates.isEmpty { return nil }
            for cell in candidates where cells.cells[cell] != nil {
                do { changes += try cells.apply(.remove(Path(cell: cell))) } catch {
                    return Failure(internal: error)
                }
            }
        }
    }

    private func isCollectable(_ cell: String) -> Bool {
        switch CellID.owner(of: cell) {
        case .key: true
        case .session(let session): sessions[session] == nil || sessions[session]?.isEnding == true
        case .user(let user): user.isEmpty ? false : isEndedAnonymous(user)
        case .room: false
        }
    }

    /// An anonymous participant's user is its session, so what is kept by user ends with the session.
    private func isEndedAnonymous(_ user: String) -> Bool {
        guard let session = sessions[user] else { return false }
        return session.isEnding
    }

    func exceeded(_ cells: borrowing CellState, _ effects: [Effect], freesTimer: Bool) -> Failure? {
        if cells.cells.count > limits.cellsMax {
            return .limit("cells", limits.cellsMax, "the room would have \(cells.cells.count) cells")
        }
        var timers = head.timers.count - (freesTimer ? 1 : 0)
        var outgoing = head.outgoing.count
        for effect in effects {
            switch effect {
            case .schedule: timers += 1
            case .send: outgoing += 1
            default: break
            }
        }
        if timers > limits.timersMax { return .limit("timers", limits.timersMax, "too many timers are set") }
        if outgoing > limits.outgoingMax {
            return .limit("outgoing", limits.outgoingMax, "too many messages wait for other rooms")
        }
        return nil
    }

    // MARK: - Effects

    func apply(_ effects: [Effect], _ cause: Cause, who: Participant?, from: Int64) {
        for effect in effects {
            switch effect {
            case .signal(let name, let data, let target):
                gathering.hold(
                    .signal(
                        SignalNotice(name: name, data: data, from: cause.session), target, sender: cause.session))
            case .reply(let value):
                gathering.hold(
                    .signal(
                        SignalNotice(kind: .reply, name: "reply", data: value, from: nil), .sender,
                        sender: cause.session))
            case .broadcast(let value, let toSender):
                gathering.hold(
                    .signal(
                        SignalNotice(kind: .broadcast, name: "broadcast", data: value, from: cause.session),
                        toSender ? .all : .others, sender: cause.session))
            case .schedule(let timer, let afterMs, let handler, let data):
                setTimer(timer, dueAt: from + max(limits.timerDelayMinMs, afterMs), handler: handler, data: data)
            case .cancel(let timer): cancelTimer(timer)
            case .send(let room, let event, let data): sendToRoom(room, event, data, cause)
            case .log(let text):
                gathering.hold(
                    .log(
                        RoomLogEntry(
                            level: .info, message: text,
                            fields: [("room", id), ("recipe", recipe.name), ("event", cause.event)])))
            case .ephemeral(let cell, let value): gathering.hold(.ephemeral(cell: cell, value))
            }
        }
    }

    private func sendToRoom(_ room: String, _ event: String, _ data: Value, _ cause: Cause) {
        let number = Int64(head.outgoing.count)
        let message = OutgoingRecord(
            id: "\(id):\(head.seq):\(cause.seed):\(number)", toRoom: room, event: event, data: JSON.bytes(data))
        head.outgoing.add(message)
        gathering.write.outgoingAdded.append(message)
        gathering.hold(
            .deliver(Delivery(id: message.id, from: id, to: room, event: event, data: data)))
    }

    var view: CellsView {
        CellsView(stored: head.cells.cells, derived: head.derived.values, ephemeral: ephemeral)
    }

    /// Those who are attached, in the order in which they came.
    var participants: [Participant] {
        if let known = participantsCache { return known }
        let all = byConnection.values.sorted { $0.arrival < $1.arrival }.map(\.participant)
        participantsCache = all
        return all
    }
}
