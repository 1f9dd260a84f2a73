import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import HearthWire
import Logging
import NIOCore

/// Carrying out what the machine says, in order. What goes to sockets is gathered until `flush`.
extension RoomDriver {
    func carryOut(_ outputs: [RoomOutput]) {
        for output in outputs {
            switch output {
            case .joined(let connection, let joined): welcome(joined, on: connection)
            case .refused(let connection, let failure): refuse(failure, on: connection)
            case .commit(let notice, let audience):
                host.counters.commitsSent.add()
                gather(for: audience) { Outgoing.commit(notice, into: &$0) }
            case .missed(let notice, let connection): write(to: connection) { Outgoing.commit(notice, into: &$0) }
            case .ack(let connection, let ack):
                seat(connection)?.noteAnswer(to: ack.id, host.counters.eventTime)
                write(to: connection) { Outgoing.ack(ack, into: &$0) }
            case .error(let connection, let id, let failure): report(failure, id: id, to: connection)
            case .ask(let connection, let ask):
                write(to: connection) {
                    ServerMessage.ask(
                        ask.id, name: ask.name, data: ask.data, timeoutMs: ask.timeoutMs, into: &$0)
                }
            case .signal(let notice, let connections): signal(notice, to: connections)
            case .ephemeral(let patch, let audience):
                gather(for: audience) { ServerMessage.ephemeral(patch: patch, into: &$0) }
            case .ephemeralTo(let connection, let patch):
                write(to: connection) { ServerMessage.ephemeral(patch: patch, into: &$0) }
            case .syncResponse(let connection, let sync):
                seat(connection)?.awaitsSync = false
                write(to: connection, isSync: true) { Outgoing.sync(sync, into: &$0) }
            case .moved(let connection, _, let audience): move(connection, to: audience)
            case .reload(let stamp): reload(stamp)
            case .reloaded(let report): reloaded(report)
            case .bye(let connection, let bye): dismiss(connection, Closing(bye))
            case .cut(let connection): cut(connection)
            case .called(let token, let result): calls.removeValue(forKey: token)?(result)
            case .persist(let write, let ticket): persist(write, ticket)
            case .snapshot(let snapshot): keep(snapshot)
            case .deliver(let delivery): host.deliver(delivery)
            case .delivered(let delivery): host.confirm(delivery)
            case .settled(let id, let room): host.settle(id, in: room)
            case .wake(let due): setWake(at: due)
            case .log(let entry): log(entry)
            }
        }
    }

    private func persist(_ write: RoomWrite, _ ticket: UInt64) {
        writesUnderWay += 1
        let start = NIODeadline.now()
        let home = home
        let room = room
        host.writer.submit(write) { result in
            home.host.counters.commitTime.note(since: start)
            home.run { $0.reach(room) { _ in self.persisted(ticket, result) } }
        }
    }

    private func keep(_ snapshot: RoomSnapshot) {
        let home = home
        let room = room
        let seq = snapshot.seq
        host.snapshots.submit(room, snapshot.written) { outcome in
            // Then the server stops.
            if case .closed = outcome.failure { return }
            home.run { $0.reach(room) { _ in self.written(seq, outcome) } }
        }
    }

    private func written(_ seq: UInt64, _ outcome: SnapshotWriter.Outcome) {
        // A room that was deleted meanwhile needs none.
        if let failure = outcome.failure, failure.faultyRoom == nil {
            note(
                .warning, "snapshot not kept; until the next one the room takes longer to wake",
                ["room": "\(room)", "seq": "\(seq)", "cause": "\(failure.message)"])
        }
        guard !isForgotten else { return }
        machine.handle(.snapshotWritten(bytes: outcome.bytes), now: WallClock.nowMs())
        carryOut(machine.takeOutputs())
        flush()
        goOn()
    }

    // MARK: - To one

    func letter(isSync: Bool = false, _ body: (inout ByteSink) -> Void) -> Letter {
        sink.clear(keepingCapacity: true)
        body(&sink)
        return Letter(payload: sink.bytes, isSync: isSync)
    }

    private func write(to connection: ConnectionID, isSync: Bool = false, _ body: (inout ByteSink) -> Void) {
        // Those who speak raw JSON hear only what handlers say, and errors.
        guard let seat = seat(connection), seat.dialect == .hearth else { return }
        add(.letter(letter(isSync: isSync, body)), to: seat)
    }

    func add(_ item: Seat.Item, to seat: Seat) {
        if seat.own.isEmpty { addressed.append(seat) }
        seat.own.append((seat.frames?.position ?? 0, item))
    }

    private func welcome(_ joined: Joined, on connection: ConnectionID) {
        guard let seat = seat(connection) else { return }
        seat.isJoining = false
        seat.audience = joined.audience
        seat.isBatch = joined.batch
        seat.session = joined.session
        joined.audience.attach(connection)
        // What its audience was sent earlier in this turn is not for the newcomer.
        seat.sharedFrom = seat.frames?.position ?? 0
        add(.order(.joined(session: joined.session)), to: seat)
        if seat.dialect == .hearth {
            add(.letter(letter { Outgoing.joined(joined, trace: seat.trace, into: &$0) }), to: seat)
        }
        if seat.isGone { later { self.vacate(seat) } }
    }

    /// What it has coming from the audience that it leaves is put down first.
    private func move(_ connection: ConnectionID, to audience: Audience) {
        guard let seat = seat(connection) else { return }
        let orders = seat.takeOrders()
        seat.audience?.detach(connection)
        seat.audience = audience
        audience.attach(connection)
        seat.sharedFrom = seat.frames?.position ?? 0
        for order in orders { add(.order(order), to: seat) }
    }

    private func refuse(_ failure: Failure, on connection: ConnectionID) {
        guard let seat = seat(connection) else { return }
        seat.isJoining = false
        add(.letter(letter { seat.error(failure, id: nil, forAuthors: host.isForAuthors, into: &$0) }), to: seat)
        add(.order(.close(Closing(refused: failure))), to: seat)
        if seat.isGone { later { self.vacate(seat) } }
    }

    func report(_ failure: Failure, id: Int64?, to connection: ConnectionID) {
        host.counters.errors.add(WireErrorCode.isKnown(failure.code) ? failure.code : "other")
        guard let seat = seat(connection) else { return }
        if let id { seat.noteAnswer(to: id, host.counters.eventTime) }
        add(.letter(letter { seat.error(failure, id: id, forAuthors: host.isForAuthors, into: &$0) }), to: seat)
        switch failure.code {
        case "rate_limited": add(.order(.rateLimited), to: seat)
        case "bad_message": add(.order(.badMessage), to: seat)
        default: break
        }
        note(.info, "event refused", metadata(of: failure, id, seat))
    }

    private func metadata(of failure: Failure, _ id: Int64?, _ seat: Seat) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "room": "\(room)", "session": "\(seat.session ?? "-")", "trace": "\(seat.trace)",
            "remote": "\(seat.remote)", "event": "\(id.map(String.init) ?? "-")", "code": "\(failure.code)",
            "cause": "\(failure.message)",
        ]
        // Where in which recipe, when it was the recipe's doing.
        for name in ["recipe", "handler", "file", "line", "kind"] {
            guard let value = failure.details.object?[name] else { continue }
            metadata[name] = value.string.map { "\($0)" } ?? "\(value)"
        }
        return metadata
    }

    /// The room lets go of a connection: it hears why, and then the socket closes.
    private func dismiss(_ connection: ConnectionID, _ closing: Closing) {
        guard let seat = seat(connection) else { return }
        let closing = closing.withJitter
        refuseKeptBack(of: seat)
        if let farewell = seat.farewell(for: closing) { add(.letter(Letter(payload: farewell)), to: seat) }
        add(.order(.close(closing)), to: seat)
        seat.audience?.detach(connection)
    }

    private func cut(_ connection: ConnectionID) {
        guard let seat = seat(connection) else { return }
        add(.order(.cut), to: seat)
        seat.audience?.detach(connection)
    }

    // MARK: - To many

    private func gather(for audience: Audience, _ body: (inout ByteSink) -> Void) {
        sink.clear(keepingCapacity: true)
        body(&sink)
        let frames = frames(of: audience)
        if !frames.isTouched {
            frames.isTouched = true
            touched.append(audience)
        }
        frames.append(sink.bytes)
    }

    private func frames(of audience: Audience) -> SharedFrames {
        if let frames = audience.scratch as? SharedFrames { return frames }
        let frames = SharedFrames(isBatch: audience.key.batch)
        audience.scratch = frames
        return frames
    }

    private func signal(_ notice: SignalNotice, to connections: [ConnectionID]) {
        let letter = letter {
            ServerMessage.signal(name: notice.name, data: notice.data, from: notice.from, into: &$0)
        }
        let plain = plainLetter(of: notice, for: connections)
        for connection in connections {
            guard let seat = seat(connection) else { continue }
            switch seat.dialect {
            // What somebody else says must not pile up for a reader who does not take it.
            case .hearth: add(notice.kind == .reply ? .letter(letter) : .passing(letter), to: seat)
            case .party: if let plain { say(plain, notice.kind, to: seat) }
            }
        }
    }

    private func reload(_ stamp: RecipeStamp) {
        let letter = letter { ServerMessage.reload(RecipeFields(stamp), into: &$0) }
        for seat in seats {
            // Whoever is coming in is told by its `joined`.
            if let seat, !seat.isJoining, seat.session != nil, seat.dialect == .hearth {
                add(.letter(letter), to: seat)
            }
        }
    }

    private func log(_ entry: RoomLogEntry) {
        let level: Logger.Level =
            switch entry.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        note(
            level, entry.message,
            Logger.Metadata(entry.fields.map { ($0, "\($1)") }, uniquingKeysWith: { first, _ in first }))
    }

    private func note(_ level: Logger.Level, _ message: String, _ metadata: @autoclosure () -> Logger.Metadata) {
        guard host.logger.logLevel <= level else { return }
        // What the operator must know is always said.
        guard let leftOut = level < .error ? logQuota.take(at: WallClock.nowMs()) : 0 else { return }
        var metadata = metadata()
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        host.logger.log(level: level, "\(message)", metadata: metadata)
    }
}
