import NIOCore
import NIOWebSocket

/// Reads a client's bytes and puts its messages together; says at the first byte that shows it that a rule is broken.
///
/// Knows no channel and no clock. A message is checked, unmasked and inflated as it arrives; what is kept of it grows
/// with what has come and not with what a header announces.
struct MessageAssembler {
    /// What the bytes led to.
    enum Result: Equatable {
        /// A whole message; if it is text, it is UTF-8.
        case message(ByteBuffer, WebSocketOpcode)
        case ping(ByteBuffer)
        case pong
        /// The peer closes, with its code if it gave one.
        case close(code: UInt16?)
    }

    private let rules: MessageRules
    private var headers: FrameHeaderReader
    /// The frame whose payload is being read.
    private var frame: FrameHeader?
    private var frameBytes = 0
    /// The data message under way; control frames may come between its frames.
    private var message: MessageUnderWay?
    private var control = ByteBuffer()
    /// The client's history, where it keeps one; else there is one for each message.
    private var inflater: Inflater?

    init(rules: MessageRules) {
        self.rules = rules
        headers = FrameHeaderReader(allowsCompression: rules.agreement != nil)
    }

    /// Is a client's history kept?
    var hasHistory: Bool { inflater != nil }

    /// Reads until something is whole.
    ///
    /// - Returns: nil when all bytes have been used up.
    /// - Throws: `Violation`; nothing may be read after one.
    /// - Complexity: O(bytes).
    mutating func next(_ bytes: inout ByteBuffer) throws(Violation) -> Result? {
        while true {
            if frame == nil {
                guard let header = try readHeader(&bytes) else { return nil }
                frame = header
                frameBytes = 0
                try begin(header)
            }
            guard let header = frame else { return nil }
            let count = min(header.length - frameBytes, bytes.readableBytes)
            if let part = bytes.readSlice(length: count), count > 0 {
                if header.isControl {
                    part.withUnsafeReadableBytes {
                        control.writeUnmasked($0, key: header.mask, offset: frameBytes)
                    }
                } else {
                    try gather(part, header)
                }
                frameBytes += count
            }
            guard frameBytes == header.length else { return nil }
            frame = nil
            if let result = try end(header) { return result }
        }
    }

    private mutating func readHeader(_ bytes: inout ByteBuffer) throws(Violation) -> FrameHeader? {
        while let byte = bytes.readInteger(as: UInt8.self) {
            if let header = try headers.take(byte) { return header }
        }
        return nil
    }

    private mutating func begin(_ header: FrameHeader) throws(Violation) {
        switch header.opcode {
        case .text, .binary:
            guard message == nil else { throw .form("a new message began before the last one ended") }
            guard header.opcode == .text || rules.acceptsBinary else { throw .binary }
            message = MessageUnderWay(header)
        case .continuation:
            guard message != nil else { throw .form("a continuation of nothing") }
        default:
            control.clear()
            return
        }
        try message?.announce(header.length, rules)
    }

    private mutating func gather(_ part: ByteBuffer, _ header: FrameHeader) throws(Violation) {
        if message?.isCompressed == true, inflater == nil, let agreement = rules.agreement {
            do throws(InflateError) {
                inflater = try Inflater(windowBits: agreement.clientWindowBits)
            } catch {
                throw Violation(error, rules)
            }
        }
        try message?.gather(part, mask: header.mask, offset: frameBytes, rules, inflater)
    }

    private mutating func end(_ header: FrameHeader) throws(Violation) -> Result? {
        switch header.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        case .connectionClose: return try Self.closing(control)
        default:
            guard header.isFinal, var whole = message else { return nil }
            message = nil
            try whole.finish(rules, inflater)
            if rules.agreement?.clientKeepsHistory != true { inflater = nil }
            return .message(whole.bytes, whole.opcode)
        }
    }

    private static func closing(_ payload: ByteBuffer) throws(Violation) -> Result {
        var payload = payload
        guard payload.readableBytes > 0 else { return .close(code: nil) }
        guard let code = payload.readInteger(as: UInt16.self), isCloseCode(code) else {
            throw .form("a close frame with an impossible code")
        }
        guard payload.withUnsafeReadableBytes(UTF8Check.isUTF8) else {
            throw .payload("the reason of a close must be UTF-8")
        }
        return .close(code: code)
    }

    /// RFC 6455, 7.4, and IANA's registry: codes that may stand in a close frame.
    private static func isCloseCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
