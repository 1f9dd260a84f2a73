import COpenSSL
import Foundation
import Logging
import NIOCore
import NIOEmbedded

@testable import HearthTLS

/// A certificate of its own, the server's handler on an embedded channel, and OpenSSL's client on the other end.
final class TLSBench {
    let folder: URL
    let certificates: TLSCertificates
    let channel = EmbeddedChannel()
    let above = Above()
    var client: TLSClient

    init(_ limits: TLSLimits = TLSLimits(), version: Int32 = TLS1_3_VERSION) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.makePair(in: folder, name: "localhost")
        certificates = try TLSCertificates(
            certificate: folder.appending(path: "cert.pem").path, key: folder.appending(path: "key.pem").path)
        client = try TLSClient(version: version)
        channel.isReadable(limits: limits, certificates, above)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    deinit {
        _ = try? channel.finish(acceptAlreadyClosed: true)
        try? FileManager.default.removeItem(at: folder)
    }

    /// A self-signed certificate and its key, in `cert.pem` and `key.pem`.
    static func makePair(in folder: URL, name: String, certificate: String = "cert.pem", key: String = "key.pem") throws
    {
        let pair = hearth_new_p256_key()
        defer { EVP_PKEY_free(pair) }
        let made = X509_new()
        defer { X509_free(made) }
        X509_set_version(made, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(made), Int.random(in: 1..<1_000_000))
        X509_gmtime_adj(X509_getm_notBefore(made), -60)
        X509_gmtime_adj(X509_getm_notAfter(made), 3_600)
        X509_set_pubkey(made, pair)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, name, -1, -1, 0)
        X509_set_issuer_name(made, X509_get_subject_name(made))
        X509_sign(made, pair, EVP_sha256())
        try Data(text { PEM_write_bio_X509($0, made) }).write(to: folder.appending(path: certificate))
        try Data(text { PEM_write_bio_PKCS8PrivateKey($0, pair, nil, nil, 0, nil, nil) })
            .write(to: folder.appending(path: key))
    }

    private static func text(_ body: (OpaquePointer?) -> Int32) -> [UInt8] {
        let target = BIO_new(BIO_s_mem())
        defer { BIO_free(target) }
        _ = body(target)
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(target)))
        BIO_read(target, &bytes, Int32(bytes.count))
        return bytes
    }

    /// What the server has sent since the last call.
    func sent() throws -> [UInt8] {
        var all: [UInt8] = []
        while let part = try channel.readOutbound(as: ByteBuffer.self) { all += part.readableBytesView }
        return all
    }

    /// Carries bytes to and fro until both are silent; `chunk` of them at a time towards the server.
    func carry(chunk: Int = Int.max) throws {
        while true {
            client.receive(try sent())
            client.advance()
            let bytes = client.sent()
            if bytes.isEmpty { return }
            var place = 0
            while place < bytes.count {
                let end = min(bytes.count, chunk == Int.max ? bytes.count : place + chunk)
                try channel.writeInbound(ByteBuffer(bytes: bytes[place..<end]))
                place = end
            }
        }
    }
}

extension EmbeddedChannel {
    fileprivate func isReadable(limits: TLSLimits, _ certificates: TLSCertificates, _ above: Above) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try? pipeline.syncOperations.addHandlers([TLSHandler(certificates, limits: limits, logger: logger), above])
    }
}

/// What stands above TLS: keeps what it is told.
final class Above: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var bytes: [UInt8] = []
    var reads = 0
    var errors: [any Error] = []
    var inputHasEnded = false
    var isOver = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reads += 1
        bytes += Self.unwrapInboundIn(data).readableBytesView
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
    func channelInactive(context: ChannelHandlerContext) { isOver = true }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { inputHasEnded = true }
    }
}

/// OpenSSL as a client, between two buffers in memory.
final class TLSClient {
    private let context: OpaquePointer
    let ssl: OpaquePointer
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer
    private(set) var isOpen = false
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    /// What OpenSSL says when the handshake fails.
    private(set) var failure: Int32?

    struct NoMemory: Error {}

    init(version: Int32, alpn: [String] = ["http/1.1"]) throws {
        guard let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context),
            let inbound = BIO_new(BIO_s_mem()), let outbound = BIO_new(BIO_s_mem())
        else { throw NoMemory() }
        (self.context, self.ssl, self.inbound, self.outbound) = (context, ssl, inbound, outbound)
        SSL_set_security_level(ssl, 0)
        SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
        SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        let names = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !names.isEmpty { SSL_set_alpn_protos(ssl, names, UInt32(names.count)) }
        SSL_set_bio(ssl, inbound, outbound)
        SSL_set_connect_state(ssl)
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    func receive(_ bytes: [UInt8]) { if !bytes.isEmpty { BIO_write(inbound, bytes, Int32(bytes.count)) } }

    func sent() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(outbound)))
        if !bytes.isEmpty { BIO_read(outbound, &bytes, Int32(bytes.count)) }
        return bytes
    }

    func advance() {
        ERR_clear_error()
        if !isOpen {
            let result = SSL_do_handshake(ssl)
            isOpen = result == 1
            if result != 1, SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ { failure = SSL_get_error(ssl, result) }
        }
        guard isOpen else { return }
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = SSL_read(ssl, &part, Int32(part.count))
            if count > 0 {
                received += part[..<Int(count)]
            } else {
                if SSL_get_error(ssl, count) == SSL_ERROR_ZERO_RETURN { hasEnded = true }
                return
            }
        }
    }

    func write(_ bytes: [UInt8]) {
        ERR_clear_error()
        SSL_write(ssl, bytes, Int32(bytes.count))
    }

    func close() { SSL_shutdown(ssl) }
    var negotiated: String { String(cString: SSL_get_version(ssl)) }
    var cipher: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }
}
