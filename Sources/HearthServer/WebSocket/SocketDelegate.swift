import NIOCore

/// What a socket tells whoever it works for. All calls come on the socket's event loop, and `socketClosed` comes last.
protocol SocketDelegate: AnyObject {
    /// A whole text message, checked to be UTF-8.
    func socket(_ socket: SocketHandler, received message: ByteBuffer)
    /// A slow reader has caught up and needs to be told where it stands; commits are dropped until `.sync` is sent.
    func socketDrained(_ socket: SocketHandler)
    /// No more messages come, and none are sent. Called once.
    func socketClosed(_ socket: SocketHandler, because closing: Closing)
    /// The `bye` that precedes a close by the server, as JSON.
    func farewell(for closing: Closing) -> [UInt8]
}
