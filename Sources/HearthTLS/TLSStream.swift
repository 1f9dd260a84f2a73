internal import COpenSSL
import NIOCore

/// One connection of OpenSSL's between two buffers: it reads what the peer sent from the one and puts what is for the
/// peer into the other. Knows no channel. Confined to one event loop.
final class TLSStream {
    /// How a step ended.
    enum Step: Equatable {
        case done
        /// More bytes of the peer are needed.
        case needsBytes
        /// The peer has said that it sends no more.
        case ended
        case failed(TLSError)
        /// The peer speaks HTTP, in plain.
        case plainHTTP
    }

    /// Bytes of a TLS record at most, and a little more than the longest overhead of one.
    static let recordBytes = 16_384
    private static let overheadBytes = 64

    private let ssl: OpaquePointer
    private let context: TLSContext
    fileprivate var inbound = ByteBuffer()
    fileprivate var outbound = ByteBuffer()
    private var flight: ClientFlight
    /// Messages of handshakes that the peer has sent since this was last set.
    var messages = 0

    /// - Throws: when there is no memory for it.
    init(_ context: TLSContext, helloBytesMax: Int) throws(TLSError) {
        ERR_clear_error()
        guard let method = BufferPair.method, let ssl = SSL_new(context.pointer) else {
            throw TLSError("no memory for a TLS connection: \(OpenSSLErrors.take().text)")
        }
        guard let pair = BIO_new(method) else {
            SSL_free(ssl)
            throw TLSError("no memory for a TLS connection: \(OpenSSLErrors.take().text)")
        }
        self.context = context
        self.ssl = ssl
        flight = ClientFlight(helloBytesMax: helloBytesMax)
        // Not retained: the pair lives in `ssl`, which is freed with this object.
        BIO_set_data(pair, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_bio(ssl, pair, pair)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    /// Takes what the peer sent. Copies only where the last record is not complete.
    func receive(_ bytes: ByteBuffer) {
        if inbound.readableBytes == 0 {
            inbound = bytes
        } else {
            inbound.writeImmutableBuffer(bytes)
        }
    }

    /// What is for the peer, taken out.
    func takeOutbound() -> ByteBuffer? {
        guard outbound.readableBytes > 0 else { return nil }
        defer { outbound = ByteBuffer() }
        return outbound
    }

    /// - Parameter bytes: what was received since the last call.
    func shakeHands(_ bytes: ByteBuffer) -> Step {
        if let length = flight.excess(in: bytes, isTLS13: SSL_version(ssl) == TLS1_3_VERSION) {
            return .failed(TLSError("a ClientHello of \(length) bytes, more than \(flight.helloBytesMax)"))
        }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        return result == 1 ? .done : step(after: result)
    }

    /// Decrypts one record or a part of it, at the end of `plain`.
    func read(into plain: inout ByteBuffer) -> Step {
        ERR_clear_error()
        var result: Int32 = 0
        plain.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.recordBytes) { target in
            result = SSL_read(ssl, target.baseAddress, Int32(clamping: target.count))
            return max(0, Int(result))
        }
        return result > 0 ? .done : step(after: result)
    }

    /// Whether there may be more to read: undecrypted bytes, or decrypted ones that did not fit.
    var hasMore: Bool { inbound.readableBytes > 0 || SSL_pending(ssl) > 0 }

    /// Encrypts into as few records as it takes.
    func write(_ plain: ByteBuffer) -> Step {
        guard plain.readableBytes > 0 else { return .done }
        ERR_clear_error()
        let records = plain.readableBytes / Self.recordBytes + 1
        outbound.reserveCapacity(minimumWritableBytes: plain.readableBytes + records * Self.overheadBytes)
        let result = plain.withUnsafeReadableBytes { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) }
        return result > 0 ? .done : step(after: result)
    }

    /// Puts close_notify into what is for the peer.
    func close() {
        ERR_clear_error()
        SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func step(after result: Int32) -> Step {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsBytes
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            let (reason, text) = OpenSSLErrors.take()
            return hearth_error_is_plain_http(reason) == 1 ? .plainHTTP : .failed(TLSError(text))
        }
    }
}

extension TLSStream {
    /// Counts messages of handshakes, those of the first one included.
    static func countMessages(in context: OpaquePointer) {
        SSL_CTX_set_msg_callback(context) { isSent, _, kind, _, _, ssl, _ in
            guard isSent == 0, kind == SSL3_RT_HANDSHAKE else { return }
            BufferPair.stream(SSL_get_rbio(ssl))?.messages += 1
        }
    }
}

/// The pair of buffers as OpenSSL sees it: a BIO that never waits.
private enum BufferPair {
    /// Made once; OpenSSL only reads it from then on.
    nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hearth") else { return nil }
        BIO_meth_set_create(method) { pair in
            BIO_set_init(pair, 1)
            return 1
        }
        BIO_meth_set_write(method) { pair, bytes, count in
            guard let stream = stream(pair), let bytes, count > 0 else { return -1 }
            hearth_bio_clear_retry(pair)
            stream.outbound.writeBytes(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_read(method) { pair, target, count in
            guard let stream = stream(pair), let target, count > 0 else { return -1 }
            hearth_bio_clear_retry(pair)
            let taken = min(Int(count), stream.inbound.readableBytes)
            guard taken > 0 else {
                // The memory of what was read goes back: an idle connection holds none.
                stream.inbound = ByteBuffer()
                hearth_bio_retry_read(pair)
                return -1
            }
            stream.inbound.readWithUnsafeReadableBytes { source in
                UnsafeMutableRawBufferPointer(start: target, count: taken)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<taken]))
                return taken
            }
            return Int32(taken)
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    static func stream(_ pair: OpaquePointer?) -> TLSStream? {
        BIO_get_data(pair).map { Unmanaged<TLSStream>.fromOpaque($0).takeUnretainedValue() }
    }
}
