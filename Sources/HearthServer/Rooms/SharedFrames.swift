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
    /// True from the first message until the flush.
    var isTouched = false

    /// The longest header and the opening bracket.
    private static let headroom = ServerFrame.headerBytesMax + 1

    init(isBatch: Bool) {
        self.isBatch = isBatch
        buffer = ByteBuffer()
    }

    /// Where the next message will begin.
    var position: Int { isBatch ? max(0, buffer.writerIndex - Self.headroom) : buffer.writerIndex }

    func append(_ payload: [UInt8]) {
        count += 1
        if isBatch {
            if buffer.writerIndex == 0 { buffer.writeRepeatingByte(0, count: Self.headroom) }
            buffer.writeBytes(payload)
            buffer.writeInteger(UInt8(ascii: ","))
        } else {
            ServerFrame.writeHeader(payload: payload.count, into: &buffer)
            buffer.writeBytes(payload)
        }
    }

    /// Everything gathered, as frames. Call once, before `reset`.
    ///
    /// - Complexity: O(1); a batch is closed where it lies.
    func whole() -> ByteBuffer {
        guard isBatch, count > 0 else { return buffer }
        if count == 1 { return frame(of: Self.headroom..<(buffer.writerIndex - 1)) }
        buffer.setInteger(UInt8(ascii: "["), at: Self.headroom - 1)
        buffer.setInteger(UInt8(ascii: "]"), at: buffer.writerIndex - 1)
        return frame(of: (Self.headroom - 1)..<buffer.writerIndex)
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
    func copy(_ range: Range<Int>, into target: inout ByteBuffer) {
        let start = isBatch ? range.lowerBound + Self.headroom : range.lowerBound
        guard !range.isEmpty, let view = buffer.viewBytes(at: start, length: range.count) else { return }
        target.writeBytes(view)
        if isBatch { target.setInteger(UInt8(ascii: ","), at: target.writerIndex - 1) }
    }

    /// Begins the next turn in a buffer of its own: the sockets may still hold the last one.
    func reset() {
        buffer = ByteBufferAllocator().buffer(capacity: min(buffer.writerIndex, 1 << 16))
        count = 0
        isTouched = false
    }
}
