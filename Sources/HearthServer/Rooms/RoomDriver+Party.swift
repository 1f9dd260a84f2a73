import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire
import NIOCore

/// Seats that speak raw JSON: what they are told differs, what they may do does not.
extension RoomDriver {
    /// What handlers say to raw JSON sockets, framed once; nil when none of the connections is one.
    func plainLetter(of notice: SignalNotice, for connections: [ConnectionID]) -> Letter? {
        guard connections.contains(where: { seat($0)?.dialect == .party }) else { return nil }
        return letter { sink in
            switch notice.kind {
            case .reply, .broadcast: PartyMessage.plain(notice.data, into: &sink)
            case .signal: ServerMessage.signal(name: notice.name, data: notice.data, from: notice.from, into: &sink)
            }
        }
    }

    /// A reply is always sent; what goes to many is left out while the reader is behind.
    func say(_ letter: Letter, _ kind: SignalNotice.Kind, to seat: Seat) {
        switch kind {
        case .reply: add(.letter(letter), to: seat)
        case .signal, .broadcast: add(.passing(letter), to: seat)
        }
    }

    /// Raw JSON has no snapshot that the engine could send, but a recipe that has one gives it on `sync_request`. Where
    /// there is none, the client is told that it missed something.
    func catchUp(_ seat: Seat) {
        let request = "sync_request"
        if machine.hasHandler(ofMessage: request) {
            return handle(.message(seat.id, type: request, .object(["type": .string(request)])))
        }
        let failure = Failure(
            code: "messages_lost", message: "you read too slowly and missed messages; ask for what you need",
            retryable: false)
        report(failure, id: nil, to: seat.id)
        scheduleTurn()
    }

    /// Clients of `hearth.v1` send again what was not answered; for raw messages that a closing room has kept back this is
    /// the only answer.
    func refuseKeptBack(of seat: Seat) {
        guard seat.dialect == .party else { return }
        for (other, input) in keptBack where other === seat {
            if case .message = input { report(.shuttingDown, id: nil, to: seat.id) }
        }
    }
}

extension Seat {
    func error(_ failure: Failure, id: Int64?, forAuthors: Bool = false, into sink: inout ByteSink) {
        switch dialect {
        case .hearth: Outgoing.error(failure, id: id, trace: trace, forAuthors: forAuthors, into: &sink)
        case .party: PartyMessage.error(WireError(failure, forAuthors: forAuthors), trace: trace, into: &sink)
        }
    }

    /// What precedes the close frame.
    func farewell(for closing: Closing) -> [UInt8]? {
        var sink = ByteSink()
        switch dialect {
        case .hearth: Outgoing.bye(closing, into: &sink)
        case .party:
            guard let error = closing.asError else { return nil }
            PartyMessage.error(error, trace: trace, into: &sink)
        }
        return sink.bytes
    }
}

extension Closing {
    /// The error that a raw JSON socket is sent before it is closed; nil where nothing went wrong and the close frame
    /// says all there is to say.
    var asError: WireError? {
        switch code {
        case 1000, 1001, 1012, 4409: nil
        case 1002, 1003, 1007, 1009, 4400: WireError(.badMessage, reason)
        case 4401: WireError(.unauthenticated, reason)
        case 4403: WireError(.forbidden, reason)
        case 4408: WireError(WireErrorCode("timed_out"), reason, retryable: true)
        case 4410: WireError(.roomClosed, reason)
        case 4429: WireError(.rateLimited, reason)
        default: WireError(WireErrorCode("internal"), reason, retryable: true)
        }
    }
}
