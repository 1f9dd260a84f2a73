import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import HearthWire
import Logging
import NIOCore
import NIOWebSocket

/// The link of a socket that speaks `hearth.v1`: reads the client's messages and checks their form and order.
final class RoomLink: SeatLink {
    let shard: RoomShard
    let room: String
    let trace: String
    let counters: ServerCounters
    let closings: ClosingBook
    var remote = "-"
    var seat: Seat?
    var meter = MessageMeter.unlimited
    var logQuota = LogQuota()
    private var hasJoined = false
    /// How the room is asked for when it is not there yet.
    var mode = RoomOpenMode.existing
    /// What the socket may do; nil where nobody is asked for a token.
    var ticket: RoomPass?
    var ticketTimer: Scheduled<Void>?
    /// Whether the client knows that its token runs out.
    var hasBeenTold = false

    init(shard: RoomShard, room: String, trace: String, counters: ServerCounters, closings: ClosingBook) {
        self.shard = shard
        self.room = room
        self.trace = trace
        self.counters = counters
        self.closings = closings
        counters.socketsOpened.add()
    }

    /// The seat is made with the first message: until then the room need not know.
    private func seat(for socket: SocketHandler) -> Seat? {
        if let seat { return seat }
        guard let channel = socket.context?.channel else { return nil }
        let made = Seat(
            room: room, trace: trace, remote: remote,
            socket: NIOLoopBound(socket, eventLoop: channel.eventLoop), socketLoop: channel.eventLoop,
            windowBits: socket.agreement?.serverWindowBits, mode: mode)
        seat = made
        return made
    }

    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode) {
        counters.messagesReceived.add()
        do throws(WireError) {
            let decoded = try message.withUnsafeReadableBytes { bytes in
                Result { () throws(WireError) in try ClientMessage.decode(bytes) }
            }.get()
            if let error = excess(on: socket), !isLeave(decoded) { return slowDown(decoded, error, on: socket) }
            try take(decoded, from: socket)
        } catch {
            if let id = error.event, hasJoined {
                // Counted when the room has answered: nobody is cut off before the last answer.
                counters.messagesBad.add()
                pass(.refusedEvent(id: id, Failure(error)), from: socket)
            } else {
                refuse(error, on: socket)
            }
        }
    }

    /// Whoever wants to go is let go.
    private func isLeave(_ message: ClientMessage) -> Bool { if case .leave = message { true } else { false } }

    /// Too fast: an event gets its answer in its turn, like any other, for its `id` is used up.
    private func slowDown(_ message: ClientMessage, _ error: WireError, on socket: SocketHandler) {
        guard case .event(let event) = message, hasJoined else { return refuse(error, on: socket) }
        pass(.refusedEvent(id: event.id, Failure(error)), from: socket)
    }

    private func take(_ message: ClientMessage, from socket: SocketHandler) throws(WireError) {
        if case .ping(let at) = message {
            var sink = ByteSink()
            ServerMessage.pong(at: at, now: WallClock.nowMs(), into: &sink)
            return socket.send(.own(ServerFrame.make(payload: sink.bytes)))
        }
        if case .join(let fields) = message {
            guard !hasJoined else { throw WireError(.badMessage, "this socket has joined already") }
            let who: Identity?
            do throws(Refusal) { who = try identity(fields.token, on: socket) } catch {
                return turnOut(error, from: socket)
            }
            hasJoined = true
            socket.noteJoin()
            let join = Join(fields, identity: who, trace: trace)
            meter.join(resume: join.resume, fresh: join.fresh.secret, at: socket.lastHeard)
            return pass(.join(join), from: socket)
        }
        guard hasJoined else { throw WireError(.badMessage, "the first message must be a join, not \(message.type)") }
        if case .auth(let token) = message { return renew(token, on: socket) }
        guard isStillWelcome(socket) else { return }
        switch message {
        case .event(let fields):
            if let failure = refusal(of: fields) { return pass(.refusedEvent(id: fields.id, failure), from: socket) }
            pass(.event(Event(fields)), from: socket)
        case .set(let cell, let value):
            if let ticket, !ticket.maySet {
                throw WireError(
                    .forbidden, "the token does not allow `set`: its claim \"rooms\" gives no right \"set\" here")
            }
            pass(.set(cell: cell, value: value), from: socket)
        case .syncRequest: pass(.syncRequest, from: socket)
        case .leave: pass(.leave, from: socket)
        case .answer(let ask, let data): pass(.answer(ask: ask, data: data), from: socket)
        case .join, .ping, .auth: break
        }
    }

    func pass(_ input: SeatInput, from socket: SocketHandler) {
        guard let seat = seat(for: socket) else { return }
        pass(input, from: seat)
    }

    func write(_ error: WireError, into sink: inout ByteSink) {
        ServerMessage.error(error, trace: trace, into: &sink)
    }

    func socketDrained(_ socket: SocketHandler) {
        counters.readersBehind.add()
        // Never at once: this may come from within the flush of the very room that it asks.
        guard let seat = seat(for: socket) else { return }
        let shard = shard
        shard.loop.execute { shard.receive(.syncRequest, from: seat) }
    }

    func farewell(for closing: Closing) -> [UInt8]? {
        var sink = ByteSink()
        Outgoing.bye(closing, into: &sink)
        return sink.bytes
    }
}
