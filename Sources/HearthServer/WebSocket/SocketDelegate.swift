import NIOCore
import NIOWebSocket

/// What a socket tells whoever it works for. All calls come on the socket's event loop, and `socketClosed` comes last.
protocol SocketDelegate: AnyObject {
    /// The upgrade is done. Called once, first.
    func socketOpened(_ socket: SocketHandler)
    /// A whole message. Text is checked to be UTF-8; binary comes only where `SocketLimits` let it.
    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode)
    /// A ping or pong has come. False when it was one too many: then it is not answered.
    func socketTakesControlFrame(_ socket: SocketHandler) -> Bool
    /// A slow reader has caught up and needs to be told where it stands; commits are dropped until `.sync` is sent.
    func socketDrained(_ socket: SocketHandler)
    /// No more messages come, and none are sent. Called once.
    func socketClosed(_ socket: SocketHandler, because closing: Closing)
    /// What precedes a close by the server, as JSON: `bye` in `hearth.v1`. Nil: the close frame says it all.
    func farewell(for closing: Closing) -> [UInt8]?
}

extension SocketDelegate {
    func socketOpened(_ socket: SocketHandler) {}
    func socketTakesControlFrame(_ socket: SocketHandler) -> Bool { true }
}
