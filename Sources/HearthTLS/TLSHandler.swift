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
    private var timer: Scheduled<Void>?
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
        do throws(TLSError) {
            stream = try TLSStream(certificates.context)
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
        if phase == .shaking { log("the connection ended during the TLS handshake", context, level: .debug) }
        if phase == .open, !hasInputEnded { context.fireErrorCaught(TLSError.truncated) }
        end(context)
        context.fireChannelInactive()
    }

    // MARK: - From the peer

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closed, let stream else { return }
        stream.receive(Self.unwrapInboundIn(data))
        if phase == .shaking { shakeHands(stream, context) }
        if phase == .open || phase == .closing { read(stream, context) }
        answer(stream, context)
    }

    private func shakeHands(_ stream: TLSStream, _ context: ChannelHandlerContext) {
        switch stream.shakeHands() {
        case .done:
            phase = .open
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
            case .needsBytes: return
            case .ended: return inputEnds(context)
            case .failed(let error): return fail(error, context)
            case .plainHTTP: return fail(TLSError("http request"), context)
            }
        }
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
            log("the connection ended during the TLS handshake", context, level: .debug)
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
        log(cause, context)
        end(context)
        if let alert = stream?.takeOutbound() { context.writeAndFlush(Self.wrapOutboundOut(alert), promise: nil) }
        linger(context)
    }

    private func refusePlain(_ context: ChannelHandlerContext) {
        onFailure(.plain)
        log("plain HTTP on the TLS port: use https:// or wss://", context)
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
        if wasOpen { context.fireErrorCaught(error) }
        context.close(promise: nil)
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

    private func log(_ cause: String, _ context: ChannelHandlerContext, level: Logger.Level = .info) {
        let address = context.channel.remoteAddress
        let remote = address?.ipAddress.map { "\($0):\(address?.port ?? 0)" } ?? "-"
        logger.log(level: level, "connection refused", metadata: ["remote": "\(remote)", "cause": "\(cause)"])
    }
}

@available(*, unavailable)
extension TLSHandler: Sendable {}
