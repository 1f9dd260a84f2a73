import CZlib
import NIOCore

/// One direction of compression: raw DEFLATE, message by message.
final class Deflater {
    /// How hard zlib tries: see Docs/decisions/0015.
    static let level: Int32 = 3

    /// Never moved: zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameters:
    ///   - windowBits: the largest window that the peer agreed to, 8 to 15.
    ///   - memoryLevel: zlib's, 1 to 9. With 15 and 8 it takes about 256 KB, with 9 and 1 about 5 KB.
    /// - Returns: nil when there is no memory for it.
    init?(windowBits: Int, memoryLevel: Int32 = 8) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib makes no window of 256 bytes. Where the peer has one, only a byte's repetition is looked for: no
        // reference reaches back by more than one.
        let strategy = windowBits < 9 ? Z_RLE : Z_DEFAULT_STRATEGY
        let code = deflateInit2_(
            stream, Self.level, Z_DEFLATED, Int32(-max(9, min(15, windowBits))), memoryLevel, strategy, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends a message's compressed payload.
    ///
    /// - Parameter keepsHistory: whether the message may refer to earlier ones.
    /// - Returns: false when it failed; what was appended is of no use then, nor is the deflater.
    /// - Complexity: O(bytes).
    func deflate(_ payload: UnsafeRawBufferPointer, into target: inout ByteBuffer, keepsHistory: Bool) -> Bool {
        if !keepsHistory { guard deflateReset(stream) == Z_OK else { return false } }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: payload.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(payload.count)
        defer { stream.pointee.next_in = nil }
        let start = target.writerIndex
        var code = Z_OK
        repeat {
            let room = min(1 << 20, payload.count / 4 + 64)
            target.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { area in
                let count = min(area.count, Int(UInt32.max))
                stream.pointee.next_out = area.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(count)
                code = CZlib.deflate(stream, Z_SYNC_FLUSH)
                stream.pointee.next_out = nil
                return count - Int(stream.pointee.avail_out)
            }
        } while code == Z_OK && stream.pointee.avail_out == 0
        guard code == Z_OK || code == Z_BUF_ERROR, target.writerIndex - start >= 4 else { return false }
        // RFC 7692, 7.2.1: the empty block at the end is not sent.
        target.moveWriterIndex(to: target.writerIndex - 4)
        return true
    }
}
