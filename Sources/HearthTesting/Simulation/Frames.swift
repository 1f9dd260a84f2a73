import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire

/// Room outputs as the bytes of the wire, so that a simulated participant knows nothing but what a real one is told.
enum Frames {
    static func joined(_ joined: Joined, trace: String) -> [UInt8] {
        frame { sink in
            ServerMessage.joined(
                JoinedFields(
                    room: joined.room,
                    recipe: RecipeFields(
                        name: joined.recipe.name, version: joined.recipe.version, hash: joined.recipe.hash),
                    session: joined.session, resume: joined.resume, you: ParticipantFields(joined.you),
                    epoch: joined.epoch, seq: joined.seq, trace: trace, resumed: joined.resumed,
                    lastEvent: joined.lastEvent, cells: joined.cells),
                into: &sink)
        }
    }

    static func commit(_ notice: CommitNotice) -> [UInt8] {
        frame {
            ServerMessage.commit(seq: notice.seq, by: notice.by, event: notice.event, patch: notice.patch, into: &$0)
        }
    }

    static func ack(_ ack: Ack) -> [UInt8] {
        frame { ServerMessage.ack(id: ack.id, seq: ack.seq, result: ack.result, runs: ack.runs, into: &$0) }
    }

    static func error(_ error: WireError, id: Int64?, trace: String) -> [UInt8] {
        frame { ServerMessage.error(error, id: id, trace: trace, into: &$0) }
    }

    static func ask(_ ask: Ask) -> [UInt8] {
        frame { ServerMessage.ask(ask.id, name: ask.name, data: ask.data, timeoutMs: ask.timeoutMs, into: &$0) }
    }

    static func signal(_ notice: SignalNotice) -> [UInt8] {
        frame { ServerMessage.signal(name: notice.name, data: notice.data, from: notice.from, into: &$0) }
    }

    static func ephemeral(_ patch: Patch) -> [UInt8] {
        frame { ServerMessage.ephemeral(patch: patch, into: &$0) }
    }

    static func sync(_ sync: Sync) -> [UInt8] {
        frame { sink in
            ServerMessage.syncResponse(
                epoch: sync.epoch, seq: sync.seq, cells: sync.cells,
                participants: sync.participants.map(ParticipantFields.init), into: &sink)
        }
    }

    static func reload(_ recipe: RecipeStamp) -> [UInt8] {
        frame {
            ServerMessage.reload(
                RecipeFields(name: recipe.name, version: recipe.version, hash: recipe.hash), into: &$0)
        }
    }

    static func bye(_ bye: Bye) -> [UInt8] {
        frame { ServerMessage.bye(code: bye.code, reason: bye.reason, retryAfterMs: bye.retryAfterMs, into: &$0) }
    }

    private static func frame(_ write: (inout ByteSink) -> Void) -> [UInt8] {
        var sink = ByteSink()
        write(&sink)
        return sink.bytes
    }
}

extension ParticipantFields {
    fileprivate init(_ participant: Participant) {
        self.init(id: participant.id, name: participant.name, roles: participant.roles)
    }
}

extension WireError {
    /// A traceback is for the author's log, not for a client.
    init(_ failure: Failure) {
        var details = failure.details
        if case .object(var fields) = details {
            fields["traceback"] = nil
            details = .object(fields)
        }
        self.init(
            WireErrorCode(failure.code), failure.message, retryable: failure.retryable,
            details: details.isNull ? nil : details)
    }
}

extension Failure {
    init(_ error: WireError) {
        self.init(
            code: error.code.text, message: error.message, retryable: error.retryable, details: error.details ?? .null)
    }
}
