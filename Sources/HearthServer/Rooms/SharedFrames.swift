import NIOCore

/// What one audience is sent in one turn: encoded once, framed once, written to every socket as the same bytes.
///
/// Positions are byte offsets into what was gathered since the last `reset`; they fall between messages. Plain
/// audiences get one frame per message. A batch audience gets one frame that holds a JSON array; there each message is
/// followed by a comma, and room for the frame's header is kept in front, so that closing the array moves no bytes.
final class SharedFrames {
    private let isBatch: Bool
    private var buffer: ByteBuffer
    private var count = 0
    private var messageBytesMax = 0
    /// The batch as one frame, once it is closed.
    private var closed: ByteBuffer?
    /// The same frames compressed, for each window that someone has for whom it matters.
    private var pressed: [PressedFrames] = []
    /// True from the first message until the flush.
    var isTouched = false

    /// The longest header and the opening bracket.
    private static let headroom = ServerFrame.headerBytesMax + 1

    init(isBatch: Bool) {
        self.isBatch = isBatch
        buffer = ByteBuffer()
    }

    /// Whether there is one message and no more.
    var isSingle: Bool { count == 1 }

    /// Where the next message will begin.
    var position: Int { isBatch ? max(0, buffer.writerIndex - Self.headroom) : buffer.writerIndex }

    func append(_ payload: [UInt8]) {
        count += 1
        messageBytesMax = max(messageBytesMax, payload.count)
        if isBatch {
            if buffer.writerIndex == 0 { buffer.writeRepeatingByte(0, count: Self.headroom) }
            buffer.writeBytes(payload)
            buffer.writeInteger(UInt8(ascii: ","))
        } else {
            ServerFrame.writeHeader(payload: payload.count, into: &buffer)
            buffer.writeBytes(payload)
        }
    }

    /// Everything gathered, as frames. Nothing may be added after it, until `reset`.
    ///
    /// - Complexity: O(1); a batch is closed where it lies.
    func whole() -> ByteBuffer {
        guard isBatch, count > 0 else { return buffer }
        if let closed { return closed }
        let whole = close()
        closed = whole
        return whole
    }

    private func close() -> ByteBuffer {
        if count == 1 { return frame(of: Self.headroom..<(buffer.writerIndex - 1)) }
        buffer.setInteger(UInt8(ascii: "["), at: Self.headroom - 1)
        buffer.setInteger(UInt8(ascii: "]"), at: buffer.writerIndex - 1)
        return frame(of: (Self.headroom - 1)..<buffer.writerIndex)
    }

    /// The same for a connection with compression.
    ///
    /// - Complexity: O(bytes) the first time in a turn for each window that matters, then O(1).
    func whole(_ pressing: Pressing) -> ByteBuffer {
        let whole = whole()
        let longest = isBatch ? whole.readableBytes : messageBytesMax
        guard longest >= pressing.press.messageBytesMin else { return whole }
        return pressedFrames(whole, longest, pressing).buffer
    }

    private func pressedFrames(_ whole: ByteBuffer, _ longest: Int, _ pressing: Pressing) -> PressedFrames {
        let bits = FramePress.windowBits(pressing.windowBits, for: longest)
        if let known = pressed.first(where: { $0.windowBits == bits }) { return known }
        var made = PressedFrames(windowBits: bits)
        made.buffer = pressing.press.press(whole, windowBits: bits) { made.ends[$0] = $1 }
        pressed.append(made)
        return made
    }

    private func frame(of payload: Range<Int>) -> ByteBuffer {
        var header = ByteBufferAllocator().buffer(capacity: ServerFrame.headerBytesMax)
        ServerFrame.writeHeader(payload: payload.count, into: &header)
        let start = payload.lowerBound - header.readableBytes
        buffer.setBuffer(header, at: start)
        return buffer.getSlice(at: start, length: payload.upperBound - start) ?? ByteBuffer()
    }

    /// Appends the messages between two positions: frames for a plain audience, JSON texts that each end in a comma
    /// for a batch.
    ///
    /// - Parameter pressing: nil for a connection without compression. A batch is pressed when it is whole.
    func copy(_ range: Range<Int>, _ pressing: Pressing? = nil, into target: inout ByteBuffer) {
        if !isBatch, let pressing, messageBytesMax >= pressing.press.messageBytesMin {
            let frames = pressedFrames(buffer, messageBytesMax, pressing)
            target.writeImmutableBuffer(frames.slice(range))
            return
        }
        let start = isBatch ? range.lowerBound + Self.headroom : range.lowerBound
        guard !range.isEmpty, let view = buffer.viewBytes(at: start, length: range.count) else { return }
        target.writeBytes(view)
        if isBatch { target.setInteger(UInt8(ascii: ","), at: target.writerIndex - 1) }
    }

    /// Begins the next turn in a buffer of its own: the sockets may still hold the last one.
    func reset() {
        buffer = ByteBufferAllocator().buffer(capacity: min(buffer.writerIndex, 1 << 16))
        count = 0
        messageBytesMax = 0
        closed = nil
        pressed.removeAll()
        isTouched = false
    }
}

/// A turn's frames compressed for one window, and where each of them is.
private struct PressedFrames {
    let windowBits: Int
    var buffer = ByteBuffer()
    /// Where a frame ends that ended at the key before.
    var ends: [Int: Int] = [:]

    init(windowBits: Int) { self.windowBits = windowBits }

    /// The frames between two positions of the plain ones.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        let start = ends[range.lowerBound] ?? 0
        let end = ends[range.upperBound] ?? start
        return buffer.getSlice(at: start, length: end - start) ?? ByteBuffer()
    }
}
