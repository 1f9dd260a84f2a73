import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire

/// Room outputs as the wire writes them. Bytes are written into a sink that its owner clears and uses again.
enum Outgoing {
    static func joined(_ joined: Joined, trace: String, into sink: inout ByteSink) {
        ServerMessage.joined(
            JoinedFields(
                room: joined.room, recipe: RecipeFields(joined.recipe), session: joined.session, resume: joined.resume,
                you: ParticipantFields(joined.you), epoch: joined.epoch, seq: joined.seq, trace: trace,
                resumed: joined.resumed, lastEvent: joined.lastEvent, cells: joined.cells),
            into: &sink)
    }

    static func commit(_ notice: CommitNotice, into sink: inout ByteSink) {
        ServerMessage.commit(seq: notice.seq, by: notice.by, event: notice.event, patch: notice.patch, into: &sink)
    }

    /// `runs` is left out when the handler ran once: the usual case.
    static func ack(_ ack: Ack, into sink: inout ByteSink) {
        ServerMessage.ack(
            id: ack.id, seq: ack.seq, result: ack.result, runs: ack.runs > 1 ? ack.runs : nil, into: &sink)
    }

    /// - Parameter forAuthors: whether the traceback of the recipe goes along.
    static func error(
        _ failure: Failure, id: Int64?, trace: String, forAuthors: Bool = false, into sink: inout ByteSink
    ) {
        ServerMessage.error(WireError(failure, forAuthors: forAuthors), id: id, trace: trace, into: &sink)
    }

    static func sync(_ sync: Sync, into sink: inout ByteSink) {
        ServerMessage.syncResponse(
            epoch: sync.epoch, seq: sync.seq, cells: sync.cells,
            participants: sync.participants.map(ParticipantFields.init), into: &sink)
    }

    static func bye(_ closing: Closing, into sink: inout ByteSink) {
        ServerMessage.bye(code: closing.code, reason: closing.reason, retryAfterMs: closing.retryAfterMs, into: &sink)
    }
}

extension RecipeFields {
    init(_ stamp: RecipeStamp) { self.init(name: stamp.name, version: stamp.version, hash: stamp.hash) }
}

extension ParticipantFields {
    init(_ participant: Participant) {
        self.init(id: participant.id, name: participant.name, roles: participant.roles)
    }
}

extension WireError {
    init(_ failure: Failure, forAuthors: Bool = false) {
        let details = forAuthors ? failure.details : failure.details.withoutTraceback
        self.init(
            WireErrorCode(failure.code), failure.message, retryable: failure.retryable,
            details: details.isNull ? nil : details)
    }
}

extension Value {
    /// A traceback is for the author's log, not for a client.
    fileprivate var withoutTraceback: Value {
        guard case .object(var details) = self else { return self }
        details["traceback"] = nil
        return .object(details)
    }
}

extension Failure {
    init(_ error: WireError) {
        self.init(
            code: error.code.text, message: error.message, retryable: error.retryable, details: error.details ?? .null)
    }
}

extension Join {
    init(_ fields: JoinFields, identity: Identity?, trace: String) {
        let state: StateRequest =
            switch fields.state {
            case .full: .full
            case .none: .none
            case .cells(let names): .cells(names)
            }
        self.init(
            resume: fields.resume, since: fields.since, epoch: fields.epoch, name: fields.name, state: state,
            batch: fields.batch, identity: identity, trace: trace, fresh: Chance.credentials())
    }
}

extension Event {
    init(_ fields: EventFields) {
        self.init(id: fields.id, name: fields.name, data: fields.data, basis: fields.basis, strict: fields.strict)
    }
}

extension Closing {
    /// What ends a socket whose `join` was refused; the error itself has been sent.
    init(refused failure: Failure) {
        let code: UInt16 =
            switch failure.code {
            case "unauthenticated": 4401
            case "forbidden": 4403
            case "room_closed", "room_not_found", "recipe_not_found": 4410
            case "rate_limited": 4429
            case "bad_message", "invalid_data": 4400
            default: 1011
            }
        self.init(code: code, reason: failure.code, cause: "join refused: \(failure.message)")
    }

    init(_ bye: Bye) {
        self.init(code: bye.code, reason: bye.reason, retryAfterMs: bye.retryAfterMs)
    }
}
