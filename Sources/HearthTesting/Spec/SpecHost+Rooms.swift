import HearthCells
import HearthLua
import HearthRecipes
import HearthRooms
import HearthValues

/// What is asked of one room.
extension SpecHost {
    func answer(
        _ operation: SpecOperation, in room: SimulatedRoom, _ number: UInt32, _ given: SpecArguments,
        _ reply: inout LuaWriter
    ) throws {
        switch operation {
        case .state: reply.write(state(of: room))
        case .step: room.step()
        case .settle:
            reply.write(room.hasWrite)
            room.settleWrite()
        case .run: room.run()
        case .pass: reply.write(pass(room, until: given[0].int))
        case .restart: try room.restart()
        case .reload: try reload(room, given.text(0))
        case .reloaded: reloaded(room, &reply)
        case .conflict: try conflict(room, given)
        case .discard: try room.discardVM()
        case .call: reply.write(Int64(room.call(given.text(0) ?? "", given.data(1))))
        case .called: called(room, given, &reply)
        case .cells: reply.write(root(of: number))
        case .stats: reply.write(stats(of: room))
        case .story: reply.write(.list(List(room.story.map { .string($0) })))
        case .complaints: reply.write(.list(List(room.complaints(looking: given.flag(0)).map { .string($0) })))
        case .faults: reply.write(.list(List(room.checkReplicas().map { .string($0) })))
        case .join: try join(room, given, &reply)
        default:
            guard let place = given.int(0), room.participants.indices.contains(place) else {
                throw SpecError("there is no such participant")
            }
            try answer(operation, of: room.participants[place], given, &reply)
        }
    }

    private func answer(
        _ operation: SpecOperation, of participant: SimulatedParticipant, _ given: SpecArguments,
        _ reply: inout LuaWriter
    ) throws {
        switch operation {
        case .start: reply.write(participant.start(given.text(1) ?? "", given.data(2)))
        case .answered:
            guard let id = given[1].int, let answer = participant.answers[id] else { return reply.writeAbsent() }
            reply.write(.object(answer))
        case .deliver: participant.deliver(atMost: given.int(1))
        case .asks:
            reply.write(.list(List(participant.asks.map { .object($0) })))
            participant.asks = []
        case .answer: participant.answer(given.text(1) ?? "", given[2])
        case .set: participant.set(given.text(1) ?? "", given[2])
        case .disconnect: participant.disconnect()
        case .enter: participant.enter(keepsReplica: given.flag(1))
        case .leave: participant.leave()
        case .message: participant.message(given[1])
        case .lose: participant.losesNextEvent = true
        case .double: participant.sendAgain()
        case .behind: participant.fallBehind()
        case .view: view(of: participant, known: given.int(1), &reply)
        case .resolve: resolve(given.text(1) ?? "", for: participant, &reply)
        case .heard: reply.write(heard(given.text(1) ?? "", by: participant))
        case .about: reply.write(about(participant))
        default: throw SpecError("there is no such operation")
        }
    }

    // MARK: - The room

    private func state(of room: SimulatedRoom) -> Value {
        let inboxes = room.participants.filter(\.hasFrames).map { Value.int(Int64($0.place)) }
        var state: Object = [
            "step": .bool(room.hasStep), "write": .bool(room.hasWrite), "now": .int(room.now),
            "inboxes": .list(List(inboxes)),
            "asked": .list(List(room.participants.map { .bool(!$0.asks.isEmpty) })),
            "unanswered": .bool(room.participants.contains { $0.isConnected && !$0.unanswered.isEmpty }),
            "wakes": .bool(room.waitsForTime),
        ]
        state["due"] = room.wakeAt.map { .int($0) }
        return .object(state)
    }

    private func pass(_ room: SimulatedRoom, until end: Int64?) -> Bool {
        if let end { return room.pass(until: end) }
        guard let wake = room.wakeAt else { return false }
        return room.pass(until: max(wake, room.now))
    }

    private func conflict(_ room: SimulatedRoom, _ given: SpecArguments) throws {
        let handler = given.text(0) ?? ""
        guard room.recipe.handlers[handler] != nil else {
            throw SpecError(
                "\(room.recipe.name) has no handler `\(handler)`; there are "
                    + room.recipe.handlers.keys.sorted().joined(separator: ", "))
        }
        room.forceConflicts(of: handler, times: given.int(1) ?? 1)
    }

    private func called(_ room: SimulatedRoom, _ given: SpecArguments, _ reply: inout LuaWriter) {
        switch given[0].int.flatMap({ room.called[UInt64(clamping: $0)] }) {
        case nil: reply.writeAbsent()
        case .success(let ack):
            var fields: Object = ["seq": .int(Int64(clamping: ack.seq)), "runs": .int(Int64(ack.runs))]
            fields["result"] = ack.result
            reply.write(.object(fields))
        case .failure(let failure):
            reply.write(
                .object([
                    "code": .string(failure.code), "message": .string(failure.message),
                    "retryable": .bool(failure.retryable), "details": failure.details,
                ]))
        }
    }

    private func stats(of room: SimulatedRoom) -> Value {
        let stats = room.stats
        let numbers: [(String, Int)] = [
            ("events", stats.events), ("commits", stats.commits), ("conflicts", stats.conflicts),
            ("reruns", stats.reruns), ("reattached", stats.reattached), ("lost_bindings", stats.lostBindings),
            ("merges", stats.merges), ("waits", stats.waits), ("failures", stats.failures),
            ("recomputed", stats.recomputed), ("reloads", stats.reloads), ("waiting", room.waits),
        ]
        return .object(Object(numbers.map { (key: $0.0, value: .int(Int64($0.1))) }))
    }

    /// - Parameter text: the text of the recipe's main file from now on; nil: everything as it is, loaded anew.
    private func reload(_ room: SimulatedRoom, _ text: String?) throws {
        var files = room.recipe.files
        if let text, !files.isEmpty { files[0].text = text }
        room.reload(to: try makeRuntime(RecipeSource(name: room.recipe.name, files: files)))
    }

    /// How the room took the version that it was given last; absent while it has not.
    private func reloaded(_ room: SimulatedRoom, _ reply: inout LuaWriter) {
        guard let report = room.lastReload else { return reply.writeAbsent() }
        var facts: Object = [
            "version": .int(report.to.version), "from_version": .int(report.from.version),
            "lost_timers": .list(List(report.lostTimers.map { .string($0) })),
            "lost_waits": .int(Int64(report.lostWaits)), "reattached": .int(Int64(report.reattached)),
        ]
        switch report.outcome {
        case .swapped(let seq, let migrated):
            facts["seq"] = seq.map { .int(Int64(clamping: $0)) }
            facts["migrated"] = .bool(migrated)
        case .passedOver: break
        case .refused(let failure):
            facts["code"] = .string(failure.code)
            facts["message"] = .string(failure.message)
            facts["details"] = failure.details
        }
        reply.write(.object(facts))
    }

    // MARK: - Participants

    private func join(_ room: SimulatedRoom, _ given: SpecArguments, _ reply: inout LuaWriter) throws {
        let name = given.text(0)
        let roles = given.texts(2)
        var identity: Identity?
        if given.text(1) != nil || !roles.isEmpty {
            let user = given.text(1) ?? name?.lowercased() ?? "user\(room.participants.count + 1)"
            identity = Identity(user: user, name: name, roles: roles)
        }
        reply.write(Int64(room.admit(name: name, identity: identity, label: given.text(3)).place))
    }

    private func about(_ participant: SimulatedParticipant) -> Value {
        var facts: Object = [
            "label": .string(participant.label), "session": .string(participant.session),
            "id": .string(participant.identity?.user ?? participant.session),
            "seq": .int(Int64(clamping: participant.seq)), "connected": .bool(participant.isConnected),
        ]
        facts["name"] = participant.name.map { .string($0) }
        facts["closed"] = participant.farewell.map { .object($0) }
        return .object(facts)
    }

    private func heard(_ what: String, by participant: SimulatedParticipant) -> Value {
        switch what {
        case "signals": .list(List(participant.signals))
        case "errors": .list(List(participant.errors))
        default: .list(List(participant.commits))
        }
    }

    /// The version of the replica; then, unless the spec has that version already, its cells and whose they are.
    private func view(of participant: SimulatedParticipant, known: Int?, _ reply: inout LuaWriter) {
        reply.write(Int64(participant.replicaVersion))
        if known == participant.replicaVersion { return }
        reply.write(participant.replica)
        reply.write(participant.session)
    }

    /// Where a link leads in a participant's replica: the cell's id, then keys and places from 1.
    private func resolve(_ text: String, for participant: SimulatedParticipant, _ reply: inout LuaWriter) {
        guard let link = Link(text), let cells = participant.replica.object else { return reply.writeAbsent() }
        let resolution = Path(to: link, in: { cells[$0] }).resolved { cells[$0] }
        guard resolution.value != nil else { return reply.writeAbsent() }
        reply.beginList(count: resolution.path.steps.count + 1)
        reply.write(resolution.path.cell)
        for step in resolution.path.steps {
            switch step {
            case .key(let key): reply.write(key)
            case .index(let index): reply.write(Int64(index + 1))
            }
        }
    }
}

extension Path {
    /// The place that a link names.
    init(to link: Link, in cells: (String) -> Value?) {
        var value = cells(link.cell)
        var steps: [Step] = []
        for token in link.pointer.tokens {
            var step = Step.key(token)
            if case .list? = value, let index = Pointer.index(token) { step = .index(index) }
            steps.append(step)
            value = value?.child(at: step)
        }
        self.init(cell: link.cell, steps: steps)
    }
}
