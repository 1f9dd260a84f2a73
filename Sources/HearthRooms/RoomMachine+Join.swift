import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues

/// Coming in: new sessions, resumed ones, and what the newcomer is told.
extension RoomMachine {
    func runJoin(_ connection: ConnectionID, _ join: Join, now: Int64) {
        guard !isClosed else {
            return refuse(
                connection, Failure(code: "room_closed", message: "the room is closed", retryable: false))
        }
        if let secret = join.resume, let session = bySecret[SHA256.hash(Array(secret.utf8))], !session.isEnding {
            guard isOwner(join.identity, of: session) else { return refuse(connection, .otherUser) }
            resume(session, connection, join, secret: secret)
        } else {
            begin(connection, join, now: now)
        }
    }

    private func resume(_ session: Session, _ connection: ConnectionID, _ join: Join, secret: String) {
        session.expiresAt = nil
        var join = join
        // Who may see more or less than before cannot go on from what it saw.
        if let identity = join.identity, adopt(identity, by: session) { join.since = nil }
        hold(session, connection, join, secret: secret, resumed: true)
    }

    private func begin(_ connection: ConnectionID, _ join: Join, now: Int64) {
        guard makePlace(now: now) else {
            return refuse(
                connection,
                .rateLimited("the room has \(limits.sessionsMax) participants, its limit", retryAfterMs: 10_000))
        }
        let participant = Participant(
            id: join.identity?.user ?? join.fresh.id,
            name: (join.identity?.name ?? join.name).map { String($0.prefix(limits.nameMax)) },
            roles: join.identity?.roles ?? ["member"], session: join.fresh.id)
        let session = Session(
            id: join.fresh.id, secretHash: SHA256.hash(Array(join.fresh.secret.utf8)), createdAt: now,
            participant: participant,
            answers: AnswerWindow(limit: limits.answersMax))
        remember(session)
        let cause = Cause(
            session: session.id, event: "join", eventID: nil, data: .null, at: now, seed: seed(session.id, 0))
        switch transact(cause, .join, who: participant, prepare: firstCells(of: participant)) {
        case .success:
            resetEphemeral(of: participant, present: true)
            save(session)
            hold(session, connection, join, secret: join.fresh.secret, resumed: false)
        case .failure(let failure):
            forget(session)
            refuse(connection, failure)
        }
    }

    /// A client need not wait for `joined` before it goes on: what it says meanwhile is taken up when it is in.
    func keepEarly(_ input: RoomInput, from connection: ConnectionID, now: Int64) {
        guard early[connection, default: []].count < limits.mailboxMax else {
            early[connection] = nil
            joining.remove(connection)
            let bye = Bye(code: 4429, reason: "too many messages before `joined`", retryAfterMs: 1_000)
            return outputs.append(.bye(connection, bye))
        }
        early[connection, default: []].append(input)
    }

    private func takeEarly(of connection: ConnectionID, now: Int64) {
        for input in early.removeValue(forKey: connection) ?? [] { handle(input, now: now) }
    }

    func refuse(_ connection: ConnectionID, _ failure: Failure) {
        early[connection] = nil
        guard joining.remove(connection) != nil else { return }
        outputs.append(.refused(connection, failure))
    }

    /// The participant's own stored cells that are not there yet.
    private func firstCells(of participant: Participant) -> [Write] {
        let own = runtime.recipe.cells.values.filter {
            ($0.scope == .session || $0.scope == .user) && !$0.isEphemeral
        }
        return own.sorted { $0.name < $1.name }.compactMap { declaration in
            guard let cell = declaration.id(for: participant), head.cells.cells[cell] == nil else { return nil }
            return .set(Path(cell: cell, steps: []), declaration.initial)
        }
    }

    private func hold(
        _ session: Session, _ connection: ConnectionID, _ join: Join, secret: String, resumed: Bool
    ) {
        gathering.hold(
            .joined(
                session, connection,
                JoinOutcome(
                    join: join, secret: secret, resumed: resumed, seq: head.seq, lastEvent: session.lastDecided,
                    view: view)))
    }

    /// Lets a joined participant in, now that what it will see is on disk.
    func welcome(_ session: Session, _ connection: ConnectionID, _ outcome: JoinOutcome, now: Int64) {
        guard joining.remove(connection) != nil else {
            // The socket went while its `join` waited for the disk.
            if session.connection == nil {
                resetEphemeral(of: session.participant, present: false)
                awaitReturn(of: session, now: now)
            }
            return
        }
        flushEphemeral()
        if let replaced = session.connection {
            outputs.append(
                .bye(replaced, Bye(code: 4409, reason: "another socket resumed this session", retryAfterMs: nil)))
            release(connection: replaced)
        }
        let key = AudienceKey(
            state: outcome.join.state, batch: outcome.join.batch, viewer: visibility.viewer(for: session.participant))
        let knowsWhatWent = outcome.join.since ?? 0 >= ephemeralKnownFrom
        let missed = outcome.resumed && knowsWhatWent ? commitsMissed(by: session, outcome, key) : nil
        let audience = enter(session, key)
        audience.attached += 1
        session.connection = connection
        session.trace = outcome.join.trace
        session.expiresAt = nil
        byConnection[connection] = session
        participantsCache = nil
        hasIdled = false
        if outcome.resumed { resetEphemeral(of: session.participant, present: true) }
        var view = outcome.view
        view.ephemeral = ephemeral
        flushEphemeral()
        outputs.append(
            .joined(
                connection,
                Joined(
                    room: id, recipe: shown.stamp, session: session.id, resume: outcome.secret,
                    you: session.participant,
                    epoch: epoch, seq: outcome.seq, resumed: outcome.resumed, lastEvent: outcome.lastEvent,
                    cells: missed == nil ? cells(of: view, for: audience) : nil, batch: outcome.join.batch,
                    audience: audience)))
        // Those it missed go to it alone, before anything that its audience will be sent.
        for notice in missed ?? [] { outputs.append(.missed(notice, to: connection)) }
        if missed != nil, let since = outcome.join.since {
            resendEphemeral(to: connection, audience, since: since)
        }
        if outcome.resumed { resendQuestions(to: session, now: now) }
        takeEarly(of: connection, now: now)
    }

    /// The commits after `since`, or nil when a full snapshot is needed.
    private func commitsMissed(by session: Session, _ outcome: JoinOutcome, _ key: AudienceKey) -> [CommitNotice]? {
        guard key.state != .messages, outcome.join.epoch == nil || outcome.join.epoch == epoch,
            let since = outcome.join.since,
            since <= outcome.seq, session.sightSeq.map({ since > $0 }) ?? true
        else { return nil }
        if case .cells = key.state {
            guard let audience = session.audience, audience.key == key else { return nil }
            return Self.tail(of: audience.recent, after: since, upTo: outcome.seq)?.map(\.notice)
        }
        guard let commits = Self.tail(of: backlog.commits, after: since, upTo: outcome.seq) else { return nil }
        return commits.map { $0.notice(patch(of: $0, forFull: key)) }
    }

    /// Those numbered `since + 1 ... last` out of a run without gaps; nil when some are no longer there.
    private static func tail<Numbered: HasSeq>(
        of run: some RandomAccessCollection<Numbered>, after since: UInt64, upTo last: UInt64
    ) -> [Numbered]? {
        if since == last { return [] }
        guard let first = run.first?.seq, first <= since + 1, let newest = run.last?.seq, newest >= last
        else { return nil }
        return Array(run.dropFirst(Int(since + 1 - first)).prefix(Int(last - since)))
    }
}

/// What is numbered as the commits are.
private protocol HasSeq {
    var seq: UInt64 { get }
}

extension ToldCommit: HasSeq {}
extension SentNotice: HasSeq {
    var seq: UInt64 { notice.seq }
}
