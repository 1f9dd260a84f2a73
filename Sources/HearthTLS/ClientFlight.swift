import NIOCore

/// What a client sends before a handshake is over, looked at from outside: how long the messages are that it announces.
///
/// OpenSSL makes room for a ClientHello of up to 131,396 bytes as soon as nine bytes have announced it, so a thousand
/// clients that say nine bytes and wait would take 130 MB. Only a ClientHello can be so long; for everything else that a
/// client may say in a handshake OpenSSL's own bounds are narrow.
struct ClientFlight {
    private enum RecordKind: UInt64 { case change = 20, handshake = 22 }

    private static let clientHello: UInt32 = 1

    let helloBytesMax: Int
    /// Of the header that is being read: of a record, five bytes; of a message, four.
    private var recordHead: UInt64 = 0
    private var recordHeadCount = 0
    private var messageHead: UInt32 = 0
    private var messageHeadCount = 0
    /// Bytes that are still to come.
    private var recordLeft = 0
    private var messageLeft = 0
    private var isHandshake = false
    private var isOver = false

    /// - Parameter helloBytesMax: bytes of a ClientHello.
    init(helloBytesMax: Int) { self.helloBytesMax = helloBytesMax }

    /// Takes the next bytes of the client, however they are cut.
    ///
    /// - Parameter isTLS13: whether a second ClientHello may follow a ChangeCipherSpec. In TLS 1.2 what follows is
    ///   encrypted.
    /// - Returns: the length of a ClientHello that is too long, else nil.
    /// - Complexity: O(n) in the records and messages that begin in `bytes`.
    mutating func excess(in bytes: ByteBuffer, isTLS13: Bool) -> Int? {
        var rest = bytes.readableBytesView[...]
        while !isOver, !rest.isEmpty {
            if recordLeft == 0 {
                beginRecord(with: rest.removeFirst(), isTLS13)
            } else if !isHandshake {
                let skipped = min(recordLeft, rest.count)
                recordLeft -= skipped
                rest = rest.dropFirst(skipped)
            } else if messageLeft > 0 {
                let skipped = min(recordLeft, messageLeft, rest.count)
                recordLeft -= skipped
                messageLeft -= skipped
                rest = rest.dropFirst(skipped)
            } else {
                recordLeft -= 1
                if let length = beginMessage(with: rest.removeFirst()) { return length }
            }
        }
        return nil
    }

    private mutating func beginRecord(with byte: UInt8, _ isTLS13: Bool) {
        recordHead = recordHead << 8 | UInt64(byte)
        recordHeadCount += 1
        guard recordHeadCount == 5 else { return }
        recordLeft = Int(recordHead & 0xFFFF)
        isHandshake = recordHead >> 32 == RecordKind.handshake.rawValue
        if recordHead >> 32 == RecordKind.change.rawValue, !isTLS13 { isOver = true }
        (recordHead, recordHeadCount) = (0, 0)
    }

    private mutating func beginMessage(with byte: UInt8) -> Int? {
        messageHead = messageHead << 8 | UInt32(byte)
        messageHeadCount += 1
        guard messageHeadCount == 4 else { return nil }
        messageLeft = Int(messageHead & 0xFF_FFFF)
        let isHello = messageHead >> 24 == Self.clientHello
        (messageHead, messageHeadCount) = (0, 0)
        isOver = !isHello
        return isHello && messageLeft > helloBytesMax ? messageLeft : nil
    }
}
