import NIOCore
import NIOWebSocket

/// What a client's messages may be.
struct MessageRules {
    /// The longest message in bytes, over all of its fragments and inflated.
    var messageBytesMax: Int
    var acceptsBinary = false
    /// What was agreed on about compression; nil for none.
    var agreement: DeflateAgreement?

    /// What a compressed message may come to on the wire. Deflate makes what it cannot press a little longer; much more
    /// is padding.
    var compressedBytesMax: Int { messageBytesMax + messageBytesMax / 8 + 64 }
}

/// A data message of which the last byte has not come yet.
struct MessageUnderWay {
    let opcode: WebSocketOpcode
    let isCompressed: Bool
    /// What has come, unmasked and inflated.
    private(set) var bytes = ByteBuffer()
    /// Payload bytes of its frames, the current one whole.
    private var announced = 0
    private var emptyFrames = 0
    /// Frames of a message that may be empty: they cost work, and add nothing to its length.
    static let emptyFramesMax = 65_536
    private var compressedBytes = 0
    private var check = UTF8Check()

    init(_ header: FrameHeader) {
        opcode = header.opcode
        isCompressed = header.isCompressed
    }

    /// - Throws: `Violation` 1009 when a frame of this length makes it too long, or is one empty frame too many.
    mutating func announce(_ length: Int, _ rules: MessageRules) throws(Violation) {
        guard length <= (isCompressed ? rules.compressedBytesMax : rules.messageBytesMax) - announced else {
            throw .tooLarge(rules.messageBytesMax)
        }
        announced += length
        if length == 0 { emptyFrames += 1 }
        guard emptyFrames <= Self.emptyFramesMax else { throw .tooManyEmptyFrames }
    }

    /// - Throws: `Violation` when the text is not UTF-8, or what is inflated is too long or not deflated.
    mutating func gather(
        _ part: ByteBuffer, mask: UInt32, offset: Int, _ rules: MessageRules, _ inflater: Inflater?
    ) throws(Violation) {
        let known = bytes.readableBytes
        if isCompressed {
            var pressed = ByteBufferAllocator().buffer(capacity: part.readableBytes)
            part.withUnsafeReadableBytes { pressed.writeUnmasked($0, key: mask, offset: offset) }
            compressedBytes += part.readableBytes
            try inflate(pressed, rules, inflater)
        } else {
            part.withUnsafeReadableBytes { bytes.writeUnmasked($0, key: mask, offset: offset) }
        }
        try validate(from: known)
    }

    /// - Throws: `Violation` when the text ends within a character, or the compressed data before its end.
    mutating func finish(_ rules: MessageRules, _ inflater: Inflater?) throws(Violation) {
        // Some senders press an empty message into nothing at all.
        if isCompressed, compressedBytes > 0, let inflater {
            let known = bytes.readableBytes
            // RFC 7692, 7.2.2: the sender has cut these off.
            try inflate(ByteBuffer(bytes: [0x00, 0x00, 0xFF, 0xFF]), rules, inflater)
            guard inflater.isBetweenBlocks else { throw .payload("the compressed data ends too early") }
            try validate(from: known)
        }
        guard opcode != .text || check.isWhole else { throw .payload("a text message must be UTF-8") }
    }

    private mutating func inflate(
        _ pressed: ByteBuffer, _ rules: MessageRules, _ inflater: Inflater?
    ) throws(Violation) {
        do throws(InflateError) {
            try inflater?.inflate(pressed, into: &bytes, bytesMax: rules.messageBytesMax)
        } catch {
            throw Violation(error, rules)
        }
    }

    private mutating func validate(from known: Int) throws(Violation) {
        guard opcode == .text else { return }
        let isText = bytes.withUnsafeReadableBytes { check.take(UnsafeRawBufferPointer(rebasing: $0[known...])) }
        guard isText else { throw .payload("a text message must be UTF-8") }
    }
}

extension Violation {
    init(_ error: InflateError, _ rules: MessageRules) {
        self =
            switch error {
            case .tooLarge: .tooLarge(rules.messageBytesMax)
            case .corrupt: .payload("the compressed data is damaged")
            case .noMemory: Violation(code: 1011, reason: "there is no memory to decompress in")
            }
    }
}
