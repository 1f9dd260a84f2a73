import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// Carrying out what the machine says. What goes to participants waits in their inboxes until it is delivered.
extension SimulatedRoom {
    func carryOut(_ output: RoomOutput) {
        switch output {
        case .joined(let connection, let joined):
            joined.audience.attach(connection)
            send(Frames.joined(joined, trace: "t\(connection)"), to: connection)
        case .refused(let connection, let failure):
            complain(failure, "\(connections[connection]?.label ?? "a participant") was not let in")
            send(Frames.error(.init(failure), id: nil, trace: "t\(connection)"), to: connection)
        case .commit(let notice, let audience):
            let frame = Frames.commit(notice)
            for connection in audience.connections { tellChange(frame, to: connection) }
        case .missed(let notice, let connection): tellChange(Frames.commit(notice), to: connection)
        case .ack(let connection, let ack): send(Frames.ack(ack), to: connection)
        case .error(let connection, let id, let failure):
            complain(failure, "\(failure.title) of \(connections[connection]?.label ?? "a participant") failed")
            send(Frames.error(.init(failure), id: id, trace: "t\(connection)"), to: connection)
        case .ask(let connection, let ask): send(Frames.ask(ask), to: connection)
        case .signal(let notice, let connections):
            let frame = Frames.signal(notice)
            for connection in connections { send(frame, to: connection) }
        case .ephemeral(let patch, let audience):
            let frame = Frames.ephemeral(patch)
            for connection in audience.connections { tellChange(frame, to: connection) }
        case .ephemeralTo(let connection, let patch): tellChange(Frames.ephemeral(patch), to: connection)
        case .syncResponse(let connection, let sync):
            send(Frames.sync(sync), to: connection)
            connections[connection]?.isBehind = false
        case .bye(let connection, let bye): send(Frames.bye(bye), to: connection)
        case .cut(let connection): connections[connection]?.forgetConnection()
        case .called(let token, let result):
            called[token] = result
            if case .failure(let failure) = result {
                complain(failure, "\(failure.title), called by the server, failed")
            }
        case .persist(let write, let ticket):
            for fact in write.facts { tell(of: fact) }
            writes.append((write, ticket))
        case .snapshot(let snapshot):
            let snapshot = snapshot.written()
            try? store.keep(snapshot, of: id)
            machine.handle(.snapshotWritten(bytes: snapshot.state.count), now: now)
        case .deliver(let delivery): outgoing.append(delivery)
        case .delivered(let delivery): taken.append(delivery)
        case .settled(let id, let room): settled.append((id, room))
        case .wake(let at): wakeAt = at
        case .moved(let connection, let old, let new):
            old.detach(connection)
            new.attach(connection)
        case .reload(let stamp):
            let frame = Frames.reload(stamp)
            for (connection, participant) in connections where participant.isConnected { send(frame, to: connection) }
        case .reloaded(let report): noteReloaded(report)
        case .log(let entry): complain(of: entry)
        }
    }

    private func send(_ frame: [UInt8], to connection: ConnectionID) {
        connections[connection]?.inbox.append(IncomingFrame(bytes: frame))
    }

    private func tellChange(_ frame: [UInt8], to connection: ConnectionID) {
        guard let participant = connections[connection], !participant.isBehind else { return }
        participant.inbox.append(IncomingFrame(bytes: frame, isChange: true))
    }

    /// The commits of events, with what they met before.
    private func tell(of fact: Fact) {
        guard explores || tellsStory, let story = try? CommitStory(fact), let event = story.commit.event else { return }
        let writes = writers.removeValue(forKey: story.seed) ?? []
        let whose = "`\(event)` of \(label(of: story.commit.by))"
        for case .remove(let pointer) in story.commit.patch.operations where pointer.tokens.count == 1 {
            let cell = pointer.tokens[0]
            deletions[cell] = Deletion(who: whose, place: writes.last { $0.cell == cell }?.place)
        }
        guard tellsStory else { return }
        for (number, conflict) in story.conflicts.enumerated() {
            note(text(of: conflict, run: number + 1, whose))
            if let line = conflict.line { quote([SourcePlace(file: conflict.file ?? mainFile, line: line)]) }
        }
        let run = story.runs > 1 ? ", run \(story.runs)," : ""
        let merged = story.merged.isEmpty ? "" : ", merged \(story.merged.joined(separator: ", "))"
        let changes = story.commit.patch.operations.map(text).joined(separator: ", ")
        note("\(whose)\(run) is commit \(fact.seq)\(changes.isEmpty ? "" : ": ")\(changes)\(merged)")
        quote(writes.map(\.place))
    }

    private var mainFile: String { recipe.files.first?.path ?? "recipe.lua" }

    private func text(_ change: PatchOperation) -> String {
        switch change {
        case .add(let pointer, let value), .replace(let pointer, let value), .test(let pointer, let value):
            let path = pointer.description.dropFirst()
            return path.hasSuffix("/-") ? "\(path.dropLast(2)) + \(JSON.text(value))" : "\(path) = \(JSON.text(value))"
        case .remove(let pointer): return "without \(pointer.description.dropFirst())"
        }
    }

    private func text(of conflict: StoredConflict, run: Int, _ whose: String) -> String {
        let place = conflict.cell.isEmpty ? "the room" : conflict.cell + conflict.path
        let line = conflict.line.map { " in line \($0)" } ?? ""
        let cause =
            conflict.event == "fault"
            ? "a conflict that the schedule made"
            : "`\(conflict.event ?? "?")` of \(label(of: conflict.participant)) in commit \(conflict.seq)"
        return "\(whose), run \(run), is rolled back: \(place) was \(JSON.text(conflict.expected))\(line)"
            + " and is \(JSON.text(conflict.actual)), by \(cause)"
    }
}
