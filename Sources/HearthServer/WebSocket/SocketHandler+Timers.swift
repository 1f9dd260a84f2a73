import NIOCore
import NIOWebSocket

extension SocketHandler {
    /// The client has sent its `join`: the deadline for it is off.
    func noteJoin() {
        hasJoined = true
        joinTimer?.cancel()
        joinTimer = nil
    }

    func startTimers(_ context: ChannelHandlerContext) {
        let socket = NIOLoopBound(self, eventLoop: context.eventLoop)
        joinTimer = context.eventLoop.scheduleTask(in: limits.joinTimeout) {
            let socket = socket.value
            if !socket.hasJoined { socket.close(.noJoin) }
        }
        scheduleHeartbeat(in: limits.heartbeat, context)
    }

    /// A slow reader's pings wait behind what it has not taken yet; that it goes on taking shows that it lives.
    private func takesBytes(_ context: ChannelHandlerContext) -> Bool {
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        defer { lastUnsent = unsent }
        return unsent < lastUnsent
    }

    private func scheduleHeartbeat(in delay: TimeAmount, _ context: ChannelHandlerContext) {
        let socket = NIOLoopBound(self, eventLoop: context.eventLoop)
        heartbeatTimer = context.eventLoop.scheduleTask(in: delay) { socket.value.beat() }
    }

    /// Pings when it is time to, closes when nothing was heard for too long, and comes again when either is due next.
    private func beat() {
        guard phase == .open, let context else { return }
        let now = context.eventLoop.now
        // Whoever takes bytes lives, also when it is not read for being so slow.
        if takesBytes(context) { lastHeard = now }
        if now - lastHeard >= limits.heartbeatTimeout { return close(.heartbeatLost) }
        if now - lastPing >= limits.heartbeat {
            lastPing = now
            write(ServerFrame.make(.ping, payload: []))
            flushIfNeeded()
        }
        let next = min(lastPing + limits.heartbeat, lastHeard + limits.heartbeatTimeout)
        scheduleHeartbeat(in: max(.milliseconds(1), next - now), context)
    }
}
