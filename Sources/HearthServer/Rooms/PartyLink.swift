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
final class PartyLink: SocketDelegate {
    private let shard: RoomShard
    private let room: String
    private let key: String?
    private let trace: String
    private let counters: ServerCounters
    private let closings: ClosingBook
    private var seat: Seat?
    private var logQuota = LogQuota()

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
            room: room, trace: trace, remote: channel.remoteName,
            socket: NIOLoopBound(socket, eventLoop: channel.eventLoop), socketLoop: channel.eventLoop, dialect: .party,
            windowBits: socket.agreement?.serverWindowBits)
        pass(.join(join))
    }

    /// Who knows the key is who it was: the key is the session's secret.
    private var join: Join {
        var fresh = Chance.credentials()
        if let key { fresh.secret = "party:" + key }
        return Join(resume: key.map { "party:" + $0 }, state: .messages, trace: trace, fresh: fresh)
    }

    private func pass(_ input: SeatInput) {
        guard let seat else { return }
        shard.run { $0.receive(input, from: seat) }
    }

    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode) {
        counters.messagesReceived.add()
        do throws(WireError) {
            let (type, message) = try message.withUnsafeReadableBytes { bytes in
                Result { () throws(WireError) in try PartyMessage.decode(bytes) }
            }.get()
            pass(.message(type: type, message))
        } catch {
            refuse(error, on: socket)
        }
    }

    private func refuse(_ error: WireError, on socket: SocketHandler) {
        counters.messagesBad.add()
        counters.errors.add(error.code.text)
        var sink = ByteSink()
        PartyMessage.error(error, trace: trace, into: &sink)
        socket.send(.own(ServerFrame.make(payload: sink.bytes)))
        if let leftOut = logQuota.take(at: WallClock.nowMs()) {
            var metadata: Logger.Metadata = ["code": "\(error.code.text)", "cause": "\(error.message)"]
            if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
            socket.logger.info("message refused", metadata: metadata)
        }
        if error.code == .badMessage { socket.noteBadMessage() }
    }

    /// What it is sent from here on follows what it had; what was left out the room makes up for.
    func socketDrained(_ socket: SocketHandler) {
        counters.readersBehind.add()
        socket.reading = .live
        guard let seat else { return }
        let shard = shard
        shard.loop.execute { shard.receive(.missedMessages, from: seat) }
    }

    func socketClosed(_ socket: SocketHandler, because closing: Closing) {
        counters.socketsOpen.add(-1)
        closings.note(ClosingRecord(of: socket, in: room, trace: trace, closing))
        counters.countClose(closing.code)
        guard let seat else { return }
        self.seat = nil
        let shard = shard
        shard.loop.execute { shard.leave(seat) }
    }

    func farewell(for closing: Closing) -> [UInt8]? {
        guard let error = closing.asError else { return nil }
        var sink = ByteSink()
        PartyMessage.error(error, trace: trace, into: &sink)
        return sink.bytes
    }
}
