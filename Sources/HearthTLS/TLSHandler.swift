package import Logging
package import NIOCore

/// TLS on one connection, on the server's side: encrypted bytes below, plain ones above.
///
/// The states are in `phase`: `shaking` → `open` → `closing` (our close_notify is out, the peer's is awaited) → `closed`.
/// Plain bytes are never held back on their way up, so what is buffered of a peer is one record. On their way down they
/// wait for the flush, at most `unflushedBytesMax` of them; then they count in the channel like any other bytes, and
/// whoever writes sees whether it is writable.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    enum Phase { case shaking, open, closing, closed }

    /// Why no TLS came about.
    package enum Failure: Sendable { case slow, failed, plain }

    let limits: TLSLimits
    let logger: Logger
    private let certificates: TLSCertificates
    private let onFailure: @Sendable (Failure) -> Void
    var stream: TLSStream?
    var phase = Phase.shaking
    /// Written and not encrypted yet.
    var unflushed: [(ByteBuffer, EventLoopPromise<Void>?)] = []
    var unflushedBytes = 0
    /// Bytes that the peer made us answer while it took nothing.
    private var answerBytes = 0
    /// The peer has said that it sends no more, and those above know.
    private var hasInputEnded = false
    var hasOutputEnded = false
    /// From when the stream's messages are counted.
    private var messagesSince = NIODeadline.uptimeNanoseconds(0)
    private var timer: Scheduled<Void>?
    /// For the log. A channel that is closed has none.
    private var peer: SocketAddress?
    var closePromises: [EventLoopPromise<Void>] = []

    /// - Parameter onFailure: called at most once, on the channel's event loop.
    package init(
        _ certificates: TLSCertificates, limits: TLSLimits = TLSLimits(), logger: Logger,
        onFailure: @escaping @Sendable (Failure) -> Void = { _ in }
    ) {
        self.certificates = certificates
        self.limits = limits
        self.logger = logger
        self.onFailure = onFailure
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress
        do throws(TLSError) {
            stream = try TLSStream(certificates.context, helloBytesMax: limits.helloBytesMax)
        } catch {
            logger.error("no TLS", metadata: ["cause": "\(error.message)"])
            phase = .closed
            return context.close(promise: nil)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: limits.handshakeTimeout) {
            let (handler, context) = bound.value
            handler.refuse(
                "no TLS handshake within \(handler.limits.handshakeTimeout.nanoseconds / 1_000_000) ms", context, .slow)
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    package func channelInactive(context: ChannelHandlerContext) {
        if phase == .shaking { log("the connection ended during the TLS handshake", level: .debug) }
        if phase == .open, !hasInputEnded { tell(.truncated, context) }
        end(context)
        context.fireChannelInactive()
    }

    // MARK: - From the peer

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closed, let stream else { return }
        let bytes = Self.unwrapInboundIn(data)
        stream.receive(bytes)
        if phase == .shaking { shakeHands(stream, bytes, context) }
        if phase == .open || phase == .closing { read(stream, context) }
        answer(stream, context)
    }

    private func shakeHands(_ stream: TLSStream, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        switch stream.shakeHands(bytes) {
        case .done:
            phase = .open
            countMessagesAnew(stream, context)
            timer?.cancel()
            timer = nil
        case .needsBytes: break
        case .ended: refuse("the peer ended the TLS handshake", context)
        case .failed(let error): refuse("the TLS handshake failed: \(error.message)", context)
        case .plainHTTP: refusePlain(context)
        }
    }

    private func read(_ stream: TLSStream, _ context: ChannelHandlerContext) {
        while phase == .open || phase == .closing, !hasInputEnded {
            var plain = context.channel.allocator.buffer(capacity: TLSStream.recordBytes)
            var step = TLSStream.Step.done
            // Several records in one buffer: what is above is called less often.
            while step == .done, plain.readableBytes < 2 * TLSStream.recordBytes { step = stream.read(into: &plain) }
            if plain.readableBytes > 0, phase == .open { context.fireChannelRead(Self.wrapInboundOut(plain)) }
            switch step {
            case .done: continue
            case .needsBytes: return judgeMessages(stream, context)
            case .ended: return inputEnds(context)
            case .failed(let error): return fail(error, context)
            case .plainHTTP: return fail(TLSError("http request"), context)
            }
        }
    }

    private func judgeMessages(_ stream: TLSStream, _ context: ChannelHandlerContext) {
        guard stream.messages > limits.messagesMax else { return }
        if context.eventLoop.now - messagesSince > .minutes(1) { return countMessagesAnew(stream, context) }
        fail(TLSError("too many new keys or handshakes after the first one"), context)
    }

    private func countMessagesAnew(_ stream: TLSStream, _ context: ChannelHandlerContext) {
        stream.messages = 0
        messagesSince = context.eventLoop.now
    }

    /// What OpenSSL has to say of its own: handshakes, alerts, new keys.
    private func answer(_ stream: TLSStream, _ context: ChannelHandlerContext) {
        guard let bytes = stream.takeOutbound() else { return }
        answerBytes = context.channel.isWritable ? 0 : answerBytes + bytes.readableBytes
        context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
        if answerBytes > limits.answerBytesMax {
            fail(TLSError("the peer asks for TLS answers and does not take them"), context)
        }
    }

    private func inputEnds(_ context: ChannelHandlerContext) {
        guard !hasInputEnded else { return }
        hasInputEnded = true
        if phase == .closing || hasOutputEnded { return finish(context) }
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        // The TCP connection has ended on the peer's side; without close_notify before it something may be missing.
        switch phase {
        case .shaking:
            log("the connection ended during the TLS handshake", level: .debug)
            end(context)
            context.close(promise: nil)
        case .open where !hasInputEnded: fail(.truncated, context)
        case .closing: finish(context)
        case .open, .closed: break
        }
    }

    // MARK: - Ends

    /// No TLS comes about: one line says why, the alert goes out, and the connection ends.
    private func refuse(_ cause: String, _ context: ChannelHandlerContext, _ failure: Failure = .failed) {
        guard phase == .shaking else { return }
        onFailure(failure)
        log(cause)
        end(context)
        if let alert = stream?.takeOutbound() { context.writeAndFlush(Self.wrapOutboundOut(alert), promise: nil) }
        linger(context)
    }

    private func refusePlain(_ context: ChannelHandlerContext) {
        onFailure(.plain)
        log("plain HTTP on the TLS port: use https:// or wss://")
        end(context)
        _ = stream?.takeOutbound()
        if let answer = limits.answerToPlainHTTP {
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        }
        linger(context)
    }

    /// Ends our side and waits a little for the peer to go: a close at once might take from it what was said last.
    private func linger(_ context: ChannelHandlerContext) {
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: limits.closeTimeout) { channel.close(promise: nil) }
    }

    /// The connection cannot go on.
    func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        guard phase == .open || phase == .closing else { return }
        let wasOpen = phase == .open
        if let alert = stream?.takeOutbound() { context.writeAndFlush(Self.wrapOutboundOut(alert), promise: nil) }
        end(context)
        if wasOpen { tell(error, context) }
        context.close(promise: nil)
    }

    /// A socket says it once more, with its room; what was no request yet has nobody above to say it.
    private func tell(_ error: TLSError, _ context: ChannelHandlerContext) {
        log(error.message, "connection closed", level: .debug)
        context.fireErrorCaught(error)
    }

    /// Both sides have said that they send no more.
    func finish(_ context: ChannelHandlerContext) {
        let promises = closePromises
        closePromises = []
        end(context)
        let promise = promises.first
        for other in promises.dropFirst() { promise?.futureResult.cascade(to: other) }
        context.close(promise: promise)
    }

    private func end(_ context: ChannelHandlerContext) {
        phase = .closed
        timer?.cancel()
        timer = nil
        let lost = unflushed
        unflushed = []
        unflushedBytes = 0
        for (_, promise) in lost { promise?.fail(ChannelError.ioOnClosedChannel) }
        let promises = closePromises
        closePromises = []
        for promise in promises { promise.succeed() }
    }

    /// Waits for the peer's close_notify, for a while.
    func awaitPeer(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer?.cancel()
        timer = context.eventLoop.scheduleTask(in: limits.closeTimeout) {
            let (handler, context) = bound.value
            handler.finish(context)
        }
        if hasInputEnded { finish(context) }
    }

    private func log(_ cause: String, _ message: Logger.Message = "connection refused", level: Logger.Level = .info) {
        let remote = peer?.ipAddress.map { "\($0):\(peer?.port ?? 0)" } ?? "-"
        logger.log(level: level, message, metadata: ["remote": "\(remote)", "cause": "\(cause)"])
    }
}

@available(*, unavailable)
extension TLSHandler: Sendable {}
