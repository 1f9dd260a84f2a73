import NIOCore
import NIOWebSocket

/// Frames as a server sends them: unmasked and unfragmented, so a frame is a short header followed by the payload and
/// the same bytes fit every socket.
enum ServerFrame {
    /// The longest header: two bytes and a 64-bit length.
    static let headerBytesMax = 10

    /// How many bytes the header of a payload of this length takes.
    static func headerBytes(payload length: Int) -> Int {
        length < 126 ? 2 : length <= Int(UInt16.max) ? 4 : 10
    }

    /// Appends the header of a final frame.
    ///
    /// - Parameter isCompressed: whether the payload is compressed as the peer agreed to.
    static func writeHeader(
        _ opcode: WebSocketOpcode = .text, payload length: Int, isCompressed: Bool = false,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeInteger((isCompressed ? 0xC0 : 0x80) | UInt8(webSocketOpcode: opcode))
        if length < 126 {
            buffer.writeInteger(UInt8(length))
        } else if length <= Int(UInt16.max) {
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(length))
        } else {
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(length))
        }
    }

    /// A whole frame.
    static func make(_ opcode: WebSocketOpcode = .text, payload: some Collection<UInt8>) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: payload.count + headerBytesMax)
        writeHeader(opcode, payload: payload.count, into: &buffer)
        buffer.writeBytes(payload)
        return buffer
    }

    /// Takes one frame off the front of frames that were made here; its payload, or nil when there is none left.
    static func readPayload(_ frames: inout ByteBuffer) -> ByteBuffer? {
        guard let start: (UInt8, UInt8) = frames.readMultipleIntegers() else { return nil }
        let length: Int? =
            switch start.1 {
            case 126: frames.readInteger(as: UInt16.self).map(Int.init)
            case 127: frames.readInteger(as: UInt64.self).map(Int.init)
            default: Int(start.1)
            }
        return length.flatMap { frames.readSlice(length: $0) }
    }

    /// A close frame; the reason is cut to what a control frame may hold, at the end of a character.
    static func close(code: UInt16, reason: String) -> ByteBuffer {
        var text = Substring(reason)
        while text.utf8.count > 123 { text = text.dropLast() }
        var buffer = ByteBufferAllocator().buffer(capacity: text.utf8.count + 4)
        writeHeader(.connectionClose, payload: text.utf8.count + 2, into: &buffer)
        buffer.writeInteger(code)
        buffer.writeSubstring(text)
        return buffer
    }
}
