import Logging
import NIOCore
import NIOWebSocket

extension SocketHandler {
    /// Says why, closes, and waits a little for the peer's close frame. Does nothing on a socket that ends already.
    ///
    /// - Parameter farewell: whether `bye` is still to be sent; false where the room has sent one.
    func close(_ closing: Closing, farewell: Bool = true) {
        guard phase == .open, let context else { return }
        if farewell, let last = delegate.farewell(for: closing) { write(ServerFrame.make(payload: last)) }
        write(ServerFrame.close(code: closing.code, reason: closing.reason))
        flushIfNeeded()
        phase = .closing
        ended(closing)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let patience = closing.code == Closing.restart ? limits.restartTimeout : limits.closeTimeout
        closeTimer = context.eventLoop.scheduleTask(in: patience) { bound.value.close(promise: nil) }
    }

    /// Breaks the connection off as a lost network does.
    func cut() {
        guard phase == .open, let context else { return }
        phase = .closing
        ended(Closing(code: 1006, reason: "", cause: "cut by a planned fault"))
        context.close(promise: nil)
    }

    /// The same when the peer broke the rules. RFC 6455, 7.1.7: nothing that it sends is looked at any more, its close
    /// frame neither.
    func fail(_ closing: Closing) {
        close(closing)
        finish()
    }

    /// The peer closes: its code is repeated, as RFC 6455 wants it.
    func peerCloses(_ code: UInt16?) {
        ended(Closing(code: code ?? 1005, reason: "", cause: "closed by the client"))
        phase = .closing
        write(code.map { ServerFrame.close(code: $0, reason: "") } ?? ServerFrame.make(.connectionClose, payload: []))
        finish()
    }

    /// Both have said the last word. Ends our side first, as RFC 6455, 7.1.1 has it, and waits a little for the peer's.
    ///
    /// Were everything closed at once, bytes that nobody has read would make the kernel reset the connection, and the
    /// peer might never read why.
    func finish() {
        phase = .closed
        guard !isFinishing, let context else { return }
        isFinishing = true
        if isPaused {
            isPaused = false
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        closeTimer?.cancel()
        closeTimer = context.eventLoop.scheduleTask(in: limits.closeTimeout) {
            bound.value.1.close(promise: nil)
        }
        needsFlush = false
        // When this has gone, so has everything before it.
        let gone = context.eventLoop.makePromise(of: Void.self)
        gone.futureResult.whenComplete { _ in
            let (socket, context) = bound.value
            context.close(mode: socket.hasInputEnded ? .all : .output, promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: gone)
    }

    /// Exactly one line in the log and one call of the delegate, however many things end a socket at once.
    func ended(_ closing: Closing) {
        if phase == .open { phase = .closed }
        guard !hasLoggedEnd else { return }
        hasLoggedEnd = true
        for timer in [joinTimer, heartbeatTimer] { timer?.cancel() }
        logger.info("socket closed", metadata: ["code": "\(closing.code)", "cause": "\(closing.cause)"])
        delegate.socketClosed(self, because: closing)
    }

    /// A message that makes no sense, after its error has been sent. Too many of them close the socket.
    func noteBadMessage() {
        guard let context, badMessages.note(at: context.eventLoop.now) else { return }
        close(.badMessages)
    }

    /// An event refused with `rate_limited`, after its error has been sent. Too many of them close the socket.
    func noteRateLimited() {
        guard let context, rateLimited.note(at: context.eventLoop.now) else { return }
        close(.rateLimited)
    }
}
