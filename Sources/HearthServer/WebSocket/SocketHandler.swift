import Logging
import NIOCore
import NIOWebSocket

/// One WebSocket after its upgrade: turns frames into messages, keeps time, closes with a reason.
///
/// Reads bytes and writes whole frames as bytes; there is no frame decoder or encoder below. Everything here is confined
/// to the channel's event loop, without futures or tasks on the path of a message.
///
/// The states are in `phase`: `open` → `closing` (our close frame is out, the peer's is awaited) → `closed` (both have
/// said the last word; what still comes is not looked at, and the end of the connection is awaited).
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase { case open, closing, closed }

    /// Is the reader fast enough? A slow one is sent no commits until it has drained and been told where it stands.
    enum Reading { case live, behind, awaitingSync }

    let limits: SocketLimits
    /// What was agreed on about compression; nil for none.
    let agreement: DeflateAgreement?
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
    /// The peer sends nothing more: there is nothing to wait for.
    var hasInputEnded = false
    var isFinishing = false
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

    init(
        limits: SocketLimits, agreement: DeflateAgreement? = nil, logger: Logger, delegate: any SocketDelegate
    ) {
        self.limits = limits
        self.agreement = agreement
        self.logger = logger
        self.delegate = delegate
        assembler = MessageAssembler(rules: limits.rules(agreement))
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
        var bytes = Self.unwrapInboundIn(data)
        do throws(Violation) {
            while phase != .closed, let result = try assembler.next(&bytes) { take(result) }
        } catch {
            fail(
                Closing(
                    code: error.code, reason: error.reason,
                    limit: error.code == Violation.tooLargeCode ? .messageBytes : nil))
        }
    }

    private func take(_ result: MessageAssembler.Result) {
        guard phase == .open else {
            // RFC 6455, 1.4: after our close frame only theirs is of interest.
            if case .close = result { finish() }
            return
        }
        switch result {
        case .message(let message, let kind): delegate.socket(self, received: message, kind)
        case .ping(let payload):
            guard delegate.socketTakesControlFrame(self) else { break }
            send(.own(ServerFrame.make(.pong, payload: payload.readableBytesView)))
        case .pong: _ = delegate.socketTakesControlFrame(self)
        case .close(let code): peerCloses(code)
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
        ended(.lost("\(error)"))
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            hasInputEnded = true
            ended(.lost("the peer stopped sending without a close frame"))
            finish()
        }
        // Those who are in a room have been sent away by it; nobody else has a room that could.
        if event is ChannelShouldQuiesceEvent { close(.restarting) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drained(context) }
        context.fireChannelWritabilityChanged()
    }
}

@available(*, unavailable)
extension SocketHandler: Sendable {}
