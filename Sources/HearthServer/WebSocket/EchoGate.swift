import Logging
import NIOCore
import NIOWebSocket

/// Lets sockets at `/test/echo` into an echo, and asks the next gate about all others. For conformance suites; a server
/// has it only when it was started with `--test-echo`.
struct EchoGate: UpgradeGate {
    let next: any UpgradeGate
    let limits: SocketLimits
    let isDeflating: Bool
    let logger: Logger

    init(next: any UpgradeGate, limits: SocketLimits, isDeflating: Bool, logger: Logger) {
        self.next = next
        self.limits = limits
        self.isDeflating = isDeflating
        self.logger = logger
    }

    func admit(_ request: UpgradeRequest, on channel: any Channel, _ visit: Visit) -> EventLoopFuture<Admission> {
        guard request.segments == ["test", "echo"] else { return next.admit(request, on: channel, visit) }
        var limits = limits
        limits.acceptsBinary = true
        let logger = logger
        let welcome = Welcome(
            subprotocol: nil, limits: limits, deflate: isDeflating ? .full : nil,
            makeHandler: { [limits] channel, agreement in
                var logger = logger
                logger[metadataKey: "remote"] = "\(channel.remoteName)"
                return SocketHandler(
                    limits: limits, agreement: agreement, logger: logger, delegate: Echo(agreement))
            })
        return channel.eventLoop.makeSucceededFuture(.admitted(welcome))
    }
}

/// Sends every message back as it came, compressed wherever the client agreed to it.
private final class Echo: SocketDelegate {
    private let agreement: DeflateAgreement?
    private var deflater: Deflater?

    init(_ agreement: DeflateAgreement?) {
        self.agreement = agreement
        deflater = agreement.flatMap { Deflater(windowBits: $0.serverWindowBits) }
    }

    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode) {
        socket.noteJoin()
        socket.send(.own(frame(message, kind)))
    }

    private func frame(_ message: ByteBuffer, _ kind: WebSocketOpcode) -> ByteBuffer {
        guard let deflater, let agreement, message.readableBytes > 0 else {
            return ServerFrame.make(kind, payload: message.readableBytesView)
        }
        var pressed = ByteBuffer()
        let isPressed = message.withUnsafeReadableBytes {
            deflater.deflate($0, into: &pressed, keepsHistory: agreement.serverKeepsHistory)
        }
        guard isPressed else { return ServerFrame.make(kind, payload: message.readableBytesView) }
        var frame = ByteBufferAllocator().buffer(capacity: pressed.readableBytes + ServerFrame.headerBytesMax)
        ServerFrame.writeHeader(kind, payload: pressed.readableBytes, isCompressed: true, into: &frame)
        frame.writeImmutableBuffer(pressed)
        return frame
    }

    func socketDrained(_ socket: SocketHandler) {}
    func socketClosed(_ socket: SocketHandler, because closing: Closing) {}
    func farewell(for closing: Closing) -> [UInt8]? { nil }
}
