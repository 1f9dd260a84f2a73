import NIOCore

/// What is sent, and what becomes of it when the reader is slow.
enum Parcel: Sendable {
    /// Commits and the like, the same for a whole audience; dropped while the reader is behind.
    case shared(ByteBuffer)
    /// Meant for this peer alone; always sent.
    case own(ByteBuffer)
    /// Both in one; while the reader is behind it gets only its own part.
    case mixed(ByteBuffer, own: ByteBuffer)
    /// The whole state: from here on the reader is no longer behind.
    case sync(ByteBuffer)
}

extension SocketHandler {
    /// Queues whole frames. Goes out with the next `flushIfNeeded`.
    ///
    /// - Complexity: O(1), without allocating; the bytes are shared.
    func send(_ parcel: Parcel) {
        guard phase == .open else { return }
        switch parcel {
        case .shared(let frames):
            guard reading == .live else {
                hasDropped = true
                return
            }
            write(frames)
        case .own(let frames):
            if reading != .live { countWhileBehind(frames.readableBytes) }
            write(frames)
        case .mixed(let all, let own):
            guard reading != .live else { return write(all) }
            hasDropped = true
            countWhileBehind(own.readableBytes)
            write(own)
        case .sync(let frame):
            // Behind, it would only wait with the rest, and be old by then.
            guard reading != .behind else {
                hasDropped = true
                return
            }
            reading = .live
            write(frame)
        }
    }

    /// The bytes of this turn go to the socket.
    func flushIfNeeded() {
        guard needsFlush, let context else { return }
        needsFlush = false
        context.flush()
    }

    func write(_ frames: ByteBuffer) {
        guard let context else { return }
        needsFlush = true
        context.write(Self.wrapOutboundOut(frames), promise: nil)
        if reading == .live, !context.channel.isWritable { relieve(context) }
    }

    /// The channel's high watermark is the allowed lag, so "not writable" means "too far behind". Often a flush makes
    /// it writable again at once; only if it does not is the reader slow.
    private func relieve(_ context: ChannelHandlerContext) {
        flushIfNeeded()
        guard phase == .open, !context.channel.isWritable else { return }
        reading = .behind
        hasDropped = false
        bytesWhileBehind = 0
    }

    /// Answers are never dropped, so whoever sends without ever reading is not read either.
    private func countWhileBehind(_ bytes: Int) {
        bytesWhileBehind += bytes
        guard bytesWhileBehind > limits.lagBytesMax, !isPaused, let context else { return }
        isPaused = true
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    }

    func drained(_ context: ChannelHandlerContext) {
        if isPaused {
            isPaused = false
            lastHeard = context.eventLoop.now
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
        guard phase == .open, reading == .behind else { return }
        // Nothing was dropped while it lagged: it may go on as if nothing had been.
        reading = hasDropped ? .awaitingSync : .live
        guard hasDropped else { return }
        hasDropped = false
        delegate.socketDrained(self)
    }
}
