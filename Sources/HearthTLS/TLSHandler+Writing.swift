package import NIOCore

/// To the peer: gathered until the flush, then encrypted into as few records as it takes and handed on as one buffer.
extension TLSHandler {
    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase == .open || phase == .shaking, !hasOutputEnded else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let bytes = Self.unwrapOutboundIn(data)
        unflushed.append((bytes, promise))
        unflushedBytes += bytes.readableBytes
        if phase == .open, unflushedBytes >= limits.unflushedBytesMax { encrypt(context) }
    }

    package func flush(context: ChannelHandlerContext) {
        encrypt(context)
        context.flush()
    }

    private func encrypt(_ context: ChannelHandlerContext) {
        guard phase == .open, !unflushed.isEmpty, let stream else { return }
        let parts = unflushed
        unflushed = []
        unflushedBytes = 0
        guard encrypt(parts, stream, context) else {
            for (_, promise) in parts { promise?.fail(ChannelError.ioOnClosedChannel) }
            return
        }
        var promise: EventLoopPromise<Void>?
        for case (_, let one?) in parts {
            if let first = promise { first.futureResult.cascade(to: one) } else { promise = one }
        }
        if let bytes = stream.takeOutbound() {
            context.write(Self.wrapOutboundOut(bytes), promise: promise)
        } else {
            promise?.succeed()
        }
    }

    /// One part alone is encrypted where it lies. Small ones are put together first: each record costs some thirty bytes.
    private func encrypt(
        _ parts: [(ByteBuffer, EventLoopPromise<Void>?)], _ stream: TLSStream, _ context: ChannelHandlerContext
    ) -> Bool {
        if parts.count == 1 { return isWritten(stream.write(parts[0].0), context) }
        var gathered = ByteBuffer()
        for (bytes, _) in parts {
            if gathered.readableBytes + bytes.readableBytes <= TLSStream.recordBytes {
                gathered.writeImmutableBuffer(bytes)
                continue
            }
            guard isWritten(stream.write(gathered), context) else { return false }
            gathered.clear()
            if bytes.readableBytes < TLSStream.recordBytes / 2 {
                gathered.writeImmutableBuffer(bytes)
            } else {
                guard isWritten(stream.write(bytes), context) else { return false }
            }
        }
        return isWritten(stream.write(gathered), context)
    }

    private func isWritten(_ step: TLSStream.Step, _ context: ChannelHandlerContext) -> Bool {
        switch step {
        case .done: return true
        case .failed(let error): fail(error, context)
        case .needsBytes, .ended, .plainHTTP: fail(TLSError("OpenSSL does not write"), context)
        }
        return false
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch (phase, mode) {
        case (.open, .output):
            sayEnd(context)
            context.close(mode: .output, promise: promise)
        case (.open, .all):
            sayEnd(context)
            phase = .closing
            if let promise { closePromises.append(promise) }
            // Our side of the connection ends here; the peer's end is awaited, so that it can read what we said last.
            context.close(mode: .output, promise: nil)
            awaitPeer(context)
        case (.closing, .all):
            // Asked again: at once.
            if let promise { closePromises.append(promise) }
            finish(context)
        default: context.close(mode: mode, promise: promise)
        }
    }

    /// What is left is sent, then close_notify.
    private func sayEnd(_ context: ChannelHandlerContext) {
        guard !hasOutputEnded, let stream else { return }
        encrypt(context)
        hasOutputEnded = true
        stream.close()
        if let bytes = stream.takeOutbound() { context.write(Self.wrapOutboundOut(bytes), promise: nil) }
        context.flush()
    }
}
