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

    /// The same when nothing can be read any more, the peer's close frame neither: it sees the end of the connection
    /// behind ours, and goes.
    func fail(_ closing: Closing) {
        close(closing)
        context?.close(mode: .output, promise: nil)
    }

    /// The peer closes: its code is repeated, as RFC 6455 wants it.
    func peerCloses(_ code: UInt16?) {
        guard let context else { return }
        ended(Closing(code: code ?? 1005, reason: "", cause: "closed by the client"))
        phase = .closing
        write(code.map { ServerFrame.close(code: $0, reason: "") } ?? ServerFrame.make(.connectionClose, payload: []))
        flushIfNeeded()
        context.close(promise: nil)
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
