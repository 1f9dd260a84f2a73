import NIOCore
import NIOWebSocket

/// Puts frames together into text messages and says what else a frame means. A plain value: no channel, no clock.
struct MessageAssembler {
    /// What a frame led to.
    enum Result: Equatable {
        /// A whole text message, checked to be UTF-8.
        case message(ByteBuffer)
        case ping(ByteBuffer)
        /// The peer closes, with its code if it gave one.
        case close(code: UInt16?)
        /// Nothing yet, or a pong.
        case nothing
        /// The peer broke the rules; close with this code.
        case violation(code: UInt16, reason: String)
    }

    /// The longest message in bytes, over all of its fragments.
    let messageBytesMax: Int
    private var gathered: ByteBuffer?

    init(messageBytesMax: Int) { self.messageBytesMax = messageBytesMax }

    mutating func take(_ frame: WebSocketFrame) -> Result {
        guard frame.maskKey != nil else { return .violation(code: 1002, reason: "frames from a client must be masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return .violation(code: 1002, reason: "a reserved bit is set and no extension was agreed on")
        }
        switch frame.opcode {
        case .text: return start(frame)
        case .continuation: return proceed(frame)
        case .binary: return .violation(code: 1003, reason: "binary frames are not accepted; send JSON as text")
        case .ping: return .ping(Self.unmasked(frame))
        case .pong: return .nothing
        case .connectionClose: return Self.closing(Self.unmasked(frame))
        default: return .violation(code: 1002, reason: "unknown kind of frame")
        }
    }

    private mutating func start(_ frame: WebSocketFrame) -> Result {
        guard gathered == nil else {
            return .violation(code: 1002, reason: "a new message began before the last one ended")
        }
        guard frame.data.readableBytes <= messageBytesMax else { return tooLarge }
        let payload = Self.unmasked(frame)
        guard frame.fin else {
            gathered = payload
            return .nothing
        }
        return Self.checked(payload)
    }

    private mutating func proceed(_ frame: WebSocketFrame) -> Result {
        guard var message = gathered else { return .violation(code: 1002, reason: "a continuation of nothing") }
        guard message.readableBytes + frame.data.readableBytes <= messageBytesMax else { return tooLarge }
        gathered = nil
        message.writeImmutableBuffer(Self.unmasked(frame))
        guard frame.fin else {
            gathered = message
            return .nothing
        }
        return Self.checked(message)
    }

    private var tooLarge: Result {
        .violation(code: 1009, reason: "a message may be at most \(messageBytesMax) bytes")
    }

    private static func checked(_ message: ByteBuffer) -> Result {
        guard message.withUnsafeReadableBytes(isUTF8) else {
            return .violation(code: 1007, reason: "a text message must be UTF-8")
        }
        return .message(message)
    }

    private static func closing(_ payload: ByteBuffer) -> Result {
        var payload = payload
        guard payload.readableBytes > 0 else { return .close(code: nil) }
        guard let code = payload.readInteger(as: UInt16.self), isCloseCode(code) else {
            return .violation(code: 1002, reason: "a close frame with an impossible code")
        }
        guard payload.withUnsafeReadableBytes(isUTF8) else {
            return .violation(code: 1007, reason: "the reason of a close must be UTF-8")
        }
        return .close(code: code)
    }

    /// RFC 6455, 7.4: codes that may stand in a close frame.
    private static func isCloseCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension MessageAssembler {
    /// The frame's payload with its mask taken off, in a buffer of its own.
    ///
    /// - Complexity: O(bytes); eight bytes at a time.
    static func unmasked(_ frame: WebSocketFrame) -> ByteBuffer {
        guard let key = frame.maskKey else { return frame.data }
        let word = (0..<8).reduce(into: UInt64(0)) { $0 |= UInt64(key[$1 % 4]) << UInt64(8 * $1) }
        return frame.data.withUnsafeReadableBytes { source in
            var result = ByteBufferAllocator().buffer(capacity: source.count)
            result.writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { target in
                var index = 0
                while index + 8 <= source.count {
                    let eight = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    target.storeBytes(of: (eight ^ word).littleEndian, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < source.count {
                    target[index] = source[index] ^ key[index % 4]
                    index += 1
                }
                return source.count
            }
            return result
        }
    }

    /// - Complexity: O(bytes); eight bytes at a time while they are ASCII.
    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        guard index < bytes.count else { return true }
        return String(validating: bytes[index...], as: UTF8.self) != nil
    }
}
