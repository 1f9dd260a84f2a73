import Logging

extension ClosingRecord {
    init(of socket: SocketHandler, in room: String, trace: String, _ closing: Closing) {
        self.init(
            at: WallClock.nowMs(), room: room, session: socket.logger[metadataKey: "session"]?.description ?? "-",
            trace: trace, remote: socket.logger[metadataKey: "remote"]?.description ?? "-", code: Int64(closing.code),
            cause: closing.cause)
    }
}
