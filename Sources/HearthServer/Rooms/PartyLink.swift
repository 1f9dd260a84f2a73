import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import HearthWire
import Logging
import NIOCore
import NIOWebSocket

/// Between a raw JSON socket and its room. It enters the room as soon as it is open: there is no `join`. Lives on the
/// socket's loop.
final class PartyLink: SeatLink {
    let shard: RoomShard
    let room: String
    private let key: String?
    let trace: String
    let counters: ServerCounters
    let closings: ClosingBook
    var remote = "-"
    var seat: Seat?
    var meter = MessageMeter.unlimited
    var logQuota = LogQuota()
    /// What the socket may do; nil where nobody is asked for a token.
    var ticket: RoomPass?
    private(set) var ticketTimer: Scheduled<Void>?

    /// - Parameter key: the `_pk` that names the connection over reconnects; nil for one that cannot return.
    init(shard: RoomShard, room: String, key: String?, trace: String, counters: ServerCounters, closings: ClosingBook) {
        self.shard = shard
        self.room = room
        self.key = key
        self.trace = trace
        self.counters = counters
        self.closings = closings
        counters.socketsOpened.add()
    }

    func socketOpened(_ socket: SocketHandler) {
        guard let channel = socket.context?.channel else { return }
        socket.noteJoin()
        seat = Seat(
            room: room, trace: trace, remote: remote,
            socket: NIOLoopBound(socket, eventLoop: channel.eventLoop), socketLoop: channel.eventLoop, dialect: .party,
            windowBits: socket.agreement?.serverWindowBits)
        do throws(Refusal) {
            let join = join(as: try ticket?.join(nil))
            meter.join(resume: join.resume, fresh: join.fresh.secret, at: .now())
            pass(.join(join))
            watchTicket(socket)
        } catch { turnOut(error, from: socket) }
    }

    /// Who knows the key is who it was: the key is the session's secret.
    private func join(as identity: Identity?) -> Join {
        var fresh = Chance.credentials()
        if let key { fresh.secret = "party:" + key }
        return Join(resume: key.map { "party:" + $0 }, state: .messages, identity: identity, trace: trace, fresh: fresh)
    }

    private func pass(_ input: SeatInput) {
        guard let seat else { return }
        pass(input, from: seat)
    }

    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode) {
        counters.messagesReceived.add()
        do throws(WireError) {
            let (type, message) = try message.withUnsafeReadableBytes { bytes in
                Result { () throws(WireError) in try PartyMessage.decode(bytes) }
            }.get()
            if let error = excess(on: socket) { throw error }
            do throws(Refusal) { try ticket?.check() } catch { return turnOut(error, from: socket) }
            if let ticket, !ticket.maySend(type) {
                throw WireError(
                    .forbidden,
                    "the token does not allow \"\(type)\": its claim \"rooms\" gives no right \"send:\(type)\" here")
            }
            pass(.message(type: type, message))
        } catch {
            refuse(error, on: socket)
        }
    }

    /// There is no way to bring a fresh token, so the socket ends with the one it has; once a minute it is looked at.
    private func watchTicket(_ socket: SocketHandler) {
        guard let ticket, let loop = socket.context?.eventLoop else { return }
        let left = ticket.deadline.map { $0 - WallClock.nowMs() } ?? 60_000
        let bound = NIOLoopBound((self, socket), eventLoop: loop)
        ticketTimer = loop.scheduleTask(in: .milliseconds(max(1, min(left, 60_000)))) {
            let (link, socket) = bound.value
            do throws(Refusal) {
                try link.ticket?.check()
                link.watchTicket(socket)
            } catch { link.turnOut(error, from: socket) }
        }
    }

    func write(_ error: WireError, into sink: inout ByteSink) {
        PartyMessage.error(error, trace: trace, into: &sink)
    }

    /// What it is sent from here on follows what it had; what was left out the room makes up for.
    func socketDrained(_ socket: SocketHandler) {
        counters.readersBehind.add()
        socket.reading = .live
        guard let seat else { return }
        let shard = shard
        shard.loop.execute { shard.receive(.missedMessages, from: seat) }
    }

    func farewell(for closing: Closing) -> [UInt8]? {
        guard let error = closing.asError else { return nil }
        var sink = ByteSink()
        PartyMessage.error(error, trace: trace, into: &sink)
        return sink.bytes
    }
}
