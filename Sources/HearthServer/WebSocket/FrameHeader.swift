import NIOWebSocket

/// What stands before a frame's payload (RFC 6455, 5.2).
struct FrameHeader: Equatable {
    var isFinal = false
    /// RSV1: on the first frame of a message it says that the message is compressed (RFC 7692).
    var isCompressed = false
    var opcode = WebSocketOpcode.continuation
    var length = 0
    var mask: UInt32 = 0

    var isControl: Bool { opcode == .connectionClose || opcode == .ping || opcode == .pong }
}

/// Reads a client's frame headers, however they are cut into segments, and refuses what must not be at the byte that
/// shows it.
struct FrameHeaderReader {
    private enum Field { case first, second, length, mask }

    /// Was `permessage-deflate` agreed on?
    let allowsCompression: Bool
    private var field = Field.first
    private var header = FrameHeader()
    /// Bytes that the field still lacks, and the value of those that came.
    private var missing = 0
    private var value: UInt64 = 0
    private var lengthBytes = 0

    init(allowsCompression: Bool) { self.allowsCompression = allowsCompression }

    /// Takes one byte.
    ///
    /// - Returns: the header when this was its last byte.
    /// - Throws: `Violation` when no frame may begin like this.
    mutating func take(_ byte: UInt8) throws(Violation) -> FrameHeader? {
        switch field {
        case .first:
            try begin(byte)
            field = .second
        case .second:
            try measure(byte)
        case .length:
            guard collect(byte) else { break }
            header.length = try length()
            expect(.mask, bytes: 4)
        case .mask:
            guard collect(byte) else { break }
            header.mask = UInt32(truncatingIfNeeded: value)
            field = .first
            return header
        }
        return nil
    }

    private mutating func begin(_ byte: UInt8) throws(Violation) {
        guard byte & 0x30 == 0 else { throw .form("a reserved bit is set that nothing was agreed on for") }
        switch byte & 0x0F {
        case 0x0: header.opcode = .continuation
        case 0x1: header.opcode = .text
        case 0x2: header.opcode = .binary
        case 0x8: header.opcode = .connectionClose
        case 0x9: header.opcode = .ping
        case 0xA: header.opcode = .pong
        default: throw .form("unknown kind of frame")
        }
        header.isFinal = byte & 0x80 != 0
        header.isCompressed = byte & 0x40 != 0
        if header.isCompressed {
            guard allowsCompression else { throw .form("a reserved bit is set and no extension was agreed on") }
            guard header.opcode == .text || header.opcode == .binary else {
                throw .form("only the first frame of a message says that it is compressed")
            }
        }
        guard header.isFinal || !header.isControl else { throw .form("a control frame may not be fragmented") }
    }

    private mutating func measure(_ byte: UInt8) throws(Violation) {
        guard byte & 0x80 != 0 else { throw .form("frames from a client must be masked") }
        switch Int(byte & 0x7F) {
        case 0...125:
            header.length = Int(byte & 0x7F)
            expect(.mask, bytes: 4)
        case _ where header.isControl: throw .form("a control frame may hold at most 125 bytes")
        case 126: expect(.length, bytes: 2)
        default: expect(.length, bytes: 8)
        }
    }

    private mutating func expect(_ next: Field, bytes: Int) {
        field = next
        missing = bytes
        value = 0
        if next == .length { lengthBytes = bytes }
    }

    private mutating func collect(_ byte: UInt8) -> Bool {
        value = value << 8 | UInt64(byte)
        missing -= 1
        return missing == 0
    }

    /// RFC 6455, 5.2: the shortest encoding, and no more than 63 bits.
    private func length() throws(Violation) -> Int {
        guard let length = Int(exactly: value) else { throw .form("a length may have at most 63 bits") }
        guard length > (lengthBytes == 2 ? 125 : Int(UInt16.max)) else {
            throw .form("a length must be written in as few bytes as it needs")
        }
        return length
    }
}
