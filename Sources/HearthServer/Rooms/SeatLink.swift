import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire
import Logging
import NIOCore

/// Between a socket and its room, whatever the socket speaks: carries inputs over to the room's event loop, answers what
/// the wire refuses, and tells everybody of the end. Lives on the socket's loop.
protocol SeatLink: SocketDelegate {
    var shard: RoomShard { get }
    var room: String { get }
    var trace: String { get }
    var counters: ServerCounters { get }
    var closings: ClosingBook { get }
    /// The peer's address, for the log.
    var remote: String { get set }
    /// Made when the room is first needed.
    var seat: Seat? { get set }
    var meter: MessageMeter { get set }
    var logQuota: LogQuota { get set }
    /// The end of the token, or the next look at it.
    var ticketTimer: Scheduled<Void>? { get }

    func write(_ error: WireError, into sink: inout ByteSink)
}

extension SeatLink {
    func pass(_ input: SeatInput, from seat: Seat) { shard.run { $0.receive(input, from: seat) } }

    /// Answers an error that no event's answer is.
    func say(_ error: WireError, on socket: SocketHandler) {
        var sink = ByteSink()
        write(error, into: &sink)
        socket.send(.own(ServerFrame.make(payload: sink.bytes)))
    }

    /// A message is not taken: its sender is told, and the log knows it.
    func refuse(_ error: WireError, on socket: SocketHandler) {
        if error.code != .rateLimited { counters.messagesBad.add() }
        counters.errors.add(error.code.text)
        say(error, on: socket)
        if let leftOut = logQuota.take(at: WallClock.nowMs()) {
            var metadata: Logger.Metadata = ["code": "\(error.code.text)", "cause": "\(error.message)"]
            if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
            socket.logger.info("message refused", metadata: metadata)
        }
        switch error.code {
        case .badMessage: socket.noteBadMessage()
        case .rateLimited: socket.noteRateLimited()
        default: break
        }
    }

    /// The error, then the close that goes with it: 4401 without a good token, 4403 without a right.
    func turnOut(_ refusal: Refusal, from socket: SocketHandler) {
        let isUnknown = refusal.statusCode == 401
        counters.errors.add(refusal.code)
        say(WireError(isUnknown ? .unauthenticated : .forbidden, refusal.message), on: socket)
        socket.close(
            Closing(code: isUnknown ? 4401 : 4403, reason: refusal.code, cause: refusal.message), farewell: false)
    }

    /// Which rate a message exceeds; nil when it may go on.
    func excess(on socket: SocketHandler) -> WireError? {
        guard let excess = meter.take(at: socket.lastHeard) else { return nil }
        counters.limits.add(excess.limit)
        return excess.error
    }

    func socketTakesControlFrame(_ socket: SocketHandler) -> Bool {
        guard excess(on: socket) != nil else { return true }
        // There is no answer that could say so; who goes on with it is closed like anybody else.
        socket.noteRateLimited()
        return false
    }

    func socketClosed(_ socket: SocketHandler, because closing: Closing) {
        counters.socketsOpen.add(-1)
        closings.note(ClosingRecord(of: socket, in: room, trace: trace, closing))
        counters.count(closing)
        ticketTimer?.cancel()
        meter.leave(at: .now())
        guard let seat else { return }
        self.seat = nil
        // Never at once: a write that fails ends a socket in the middle of a room's flush.
        let shard = shard
        shard.loop.execute { shard.leave(seat) }
    }
}
