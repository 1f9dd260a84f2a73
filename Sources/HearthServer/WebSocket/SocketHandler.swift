import Logging
import NIOCore
import NIOWebSocket

/// One WebSocket after its upgrade: turns frames into messages, keeps time, closes with a reason.
///
/// Stands directly above NIO's frame decoder and writes whole frames as bytes; there is no frame encoder below.
/// Everything here is confined to the channel's event loop, without futures or tasks on the path of a message.
///
/// The states are in `phase`: `open` → `closing` (our close frame is out, the peer's is awaited) → `closed`.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    enum Phase { case open, closing, closed }

    /// Is the reader fast enough? A slow one is sent no commits until it has drained and been told where it stands.
    enum Reading { case live, behind, awaitingSync }

    let limits: SocketLimits
    /// Carries room, trace and remote address; the session joins it when it is known.
    var logger: Logger
    let delegate: any SocketDelegate
    var context: ChannelHandlerContext?
    var assembler: MessageAssembler
    var phase = Phase.open
    var reading = Reading.live
    var hasLoggedEnd = false
    var hasJoined = false
    var isPaused = false
    /// Was anything left out since the reader fell behind?
    var hasDropped = false
    /// Bytes sent to this peer alone since it fell behind.
    var bytesWhileBehind = 0
    var needsFlush = false
    /// Bytes that waited in the channel at the last heartbeat.
    var lastUnsent = 0
    var badMessages: SlidingCount
    var rateLimited: SlidingCount
    var lastHeard = NIODeadline.uptimeNanoseconds(0)
    var lastPing = NIODeadline.uptimeNanoseconds(0)
    var joinTimer: Scheduled<Void>?
    var heartbeatTimer: Scheduled<Void>?
    var closeTimer: Scheduled<Void>?

    init(limits: SocketLimits, logger: Logger, delegate: any SocketDelegate) {
        self.limits = limits
        self.logger = logger
        self.delegate = delegate
        assembler = MessageAssembler(messageBytesMax: limits.messageBytesMax)
        badMessages = SlidingCount(limit: limits.badMessagesMax, within: .minutes(1))
        rateLimited = SlidingCount(limit: limits.rateLimitedMax, within: .minutes(1))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastHeard = context.eventLoop.now
        lastPing = lastHeard
        startTimers(context)
        delegate.socketOpened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended(.lost("the connection was closed"))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = context.eventLoop.now
        let frame = Self.unwrapInboundIn(data)
        guard phase == .open else {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        switch assembler.take(frame) {
        case .message(let message): delegate.socket(self, received: message)
        case .ping(let payload):
            send(.own(ServerFrame.make(.pong, payload: payload.readableBytesView)))
        case .close(let code): peerCloses(code)
        case .nothing: break
        case .violation(let code, let reason): close(Closing(code: code, reason: reason))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.lost("the connection broke without a close frame"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength:
            fail(Closing(code: 1009, reason: "a message may be at most \(limits.messageBytesMax) bytes"))
        case is NIOWebSocketError:
            fail(Closing(code: 1002, reason: "a control frame was fragmented or too long", cause: "\(error)"))
        case ByteToMessageDecoderError.dataReceivedInErrorState:
            // The rest of what was refused. A close now would reset the connection, and the peer might never read why.
            break
        default:
            ended(.lost("\(error)"))
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            ended(.lost("the peer stopped sending without a close frame"))
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drained(context) }
        context.fireChannelWritabilityChanged()
    }
}

@available(*, unavailable)
extension SocketHandler: Sendable {}
