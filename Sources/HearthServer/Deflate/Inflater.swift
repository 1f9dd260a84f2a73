import CZlib
import NIOCore

/// Why compressed data could not be used.
enum InflateError: Error, Equatable {
    /// More comes out than may.
    case tooLarge
    case corrupt
    case noMemory
}

/// One direction of decompression: raw DEFLATE with whatever history has gone through it.
///
/// Takes about 7 KB, and the window of history on top once something has been inflated.
final class Inflater {
    /// Never moved: zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    /// How much the target grows by at a time.
    private static let step = 16 << 10

    /// - Parameter windowBits: the sender's window, 8 to 15. A window of 8 is read with 9: old senders made no difference.
    /// - Throws: `InflateError.noMemory`.
    init(windowBits: Int) throws(InflateError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = inflateInit2_(
            stream, Int32(-max(9, min(15, windowBits))), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .noMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Has everything up to the end of a block been read?
    var isBetweenBlocks: Bool { stream.pointee.data_type & 128 != 0 }

    /// Appends what `bytes` inflate to.
    ///
    /// - Parameter bytesMax: what `target` may hold at most. It never grows much beyond, whatever there would be.
    /// - Throws: `InflateError`; the inflater is of no use afterwards.
    /// - Complexity: O(bytes in + bytes out).
    func inflate(_ bytes: ByteBuffer, into target: inout ByteBuffer, bytesMax: Int) throws(InflateError) {
        let outcome: Result<Void, InflateError> = bytes.withUnsafeReadableBytes { source in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            defer {
                stream.pointee.next_in = nil
                stream.pointee.avail_in = 0
            }
            return Result { () throws(InflateError) in try run(into: &target, bytesMax: bytesMax) }
        }
        try outcome.get()
    }

    private func run(into target: inout ByteBuffer, bytesMax: Int) throws(InflateError) {
        while true {
            // One byte more than may be, so that what is exactly as long as it may be is told from what is longer.
            let room = min(Self.step, bytesMax - target.readableBytes + 1)
            guard room > 0 else { throw .tooLarge }
            let most = bytesMax - target.readableBytes + 1
            var code = Z_OK
            target.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { area in
                let count = min(area.count, most, Int(UInt32.max))
                stream.pointee.next_out = area.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(count)
                code = CZlib.inflate(stream, Z_SYNC_FLUSH)
                stream.pointee.next_out = nil
                return count - Int(stream.pointee.avail_out)
            }
            guard target.readableBytes <= bytesMax else { throw .tooLarge }
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            // RFC 7692, 7.2.3.4: a last block is not the end. The history stays.
            case Z_STREAM_END: guard inflateResetKeep(stream) == Z_OK else { throw .corrupt }
            case Z_MEM_ERROR: throw .noMemory
            default: throw .corrupt
            }
            // With room left over, everything that could come out has.
            if stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { return }
            if code == Z_BUF_ERROR, stream.pointee.avail_out > 0 { throw .corrupt }
        }
    }
}
