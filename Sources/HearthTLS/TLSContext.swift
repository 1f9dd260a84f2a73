internal import COpenSSL

/// A certificate with its key, and everything that connections made with it have in common.
final class TLSContext: @unchecked Sendable {
    // @unchecked because it is not changed after `init`, and OpenSSL lets many threads make connections from it.
    let pointer: OpaquePointer
    /// When the certificate runs out, in OpenSSL's words.
    let validUntil: String
    let isExpired: Bool

    /// TLS 1.2 with keys for each connection and authenticated encryption; TLS 1.3 has nothing else.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// - Parameters: files in PEM; the first with the server's certificate, then those between it and a root.
    /// - Throws: `TLSError` that names the file and what is wrong with it.
    init(certificate: String, key: String) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw TLSError("OpenSSL has no TLS: \(OpenSSLErrors.take().text)")
        }
        do throws(TLSError) {
            try Self.load(certificate, key, into: context)
            try Self.configure(context)
            (validUntil, isExpired) = Self.end(of: SSL_CTX_get0_certificate(context))
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        pointer = context
    }

    deinit { SSL_CTX_free(pointer) }

    private static func load(_ certificate: String, _ key: String, into context: OpaquePointer) throws(TLSError) {
        // Without this OpenSSL would ask for a pass phrase on the terminal.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        SSL_CTX_set_security_level(context, 2)
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw TLSError("\(certificate): no certificate in PEM that can be used: \(OpenSSLErrors.take().text)")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            throw TLSError(
                "\(key): no private key in PEM, without a pass phrase, that fits \(certificate): \(OpenSSLErrors.take().text)"
            )
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw TLSError("\(key) is not the key of \(certificate): \(OpenSSLErrors.take().text)")
        }
    }

    private static func configure(_ context: OpaquePointer) throws(TLSError) {
        // No renegotiation: it is half of several attacks, and nobody needs it. No compression: CRIME. Early data, which
        // could be sent again by others, is off unless somebody asks for it.
        SSL_CTX_set_options(
            context,
            UInt64(hearth_option_no_renegotiation()) | UInt64(hearth_option_no_compression())
                | UInt64(hearth_option_server_preference()) | UInt64(hearth_option_prioritize_chacha()))
        // An idle connection gives its buffers back; buffers may move between two tries to write.
        _ = hearth_ctx_set_mode(context, hearth_mode_release_buffers() | hearth_mode_moving_buffer())
        _ = hearth_ctx_cache_off(context)
        // Clients that come back show a ticket. Its key lives and dies with this context.
        let name = Array("hearth".utf8)
        SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
        SSL_CTX_set_num_tickets(context, 1)
        SSL_CTX_set_max_early_data(context, 0)
        guard hearth_ctx_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1,
            SSL_CTX_set_cipher_list(context, ciphers) == 1, hearth_ctx_set_groups(context, "X25519:P-256:P-384") == 1
        else { throw TLSError("OpenSSL refuses the ciphers: \(OpenSSLErrors.take().text)") }
        TLSStream.countMessages(in: context)
        SSL_CTX_set_alpn_select_cb(context, Self.chooseProtocol, nil)
    }

    /// ALPN: HTTP/1.1, or the handshake ends: who offers other things only would not understand us.
    private static let chooseProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, chosenCount, offered, count, _ in
            guard let offered, let chosen, let chosenCount else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let offers = UnsafeBufferPointer(start: offered, count: Int(count))
            var place = 0
            while place < offers.count {
                let length = Int(offers[place])
                let name = offers[(place + 1)...].prefix(length)
                if name.elementsEqual("http/1.1".utf8) {
                    chosen.pointee = offered + place + 1
                    chosenCount.pointee = UInt8(length)
                    return SSL_TLSEXT_ERR_OK
                }
                place += 1 + length
            }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }

    private static func end(of certificate: OpaquePointer?) -> (String, Bool) {
        guard let certificate, let time = X509_get0_notAfter(certificate), let target = BIO_new(BIO_s_mem()) else {
            return ("unknown", false)
        }
        defer { BIO_free(target) }
        var text = [UInt8](repeating: 0, count: 64)
        ASN1_TIME_print(target, time)
        let count = max(0, Int(BIO_read(target, &text, Int32(text.count))))
        return (String(decoding: text[..<count], as: UTF8.self), X509_cmp_current_time(time) < 0)
    }
}
