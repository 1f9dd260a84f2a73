internal import COpenSSL

extension AsymmetricKey {
    /// The first label of a PEM text, such as `PUBLIC KEY`; nil when it is no PEM.
    static func label(of text: [UInt8]) -> String? {
        let mark = Array("-----BEGIN ".utf8)
        guard let start = text.firstRange(of: mark) else { return nil }
        let label = text[start.upperBound...].prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
        return String(decoding: label, as: UTF8.self)
    }

    /// A public key or certificate in PEM.
    ///
    /// - Throws: when it is neither, or is a private key: a server that checks tokens has no use for one.
    package convenience init(publicPEM text: [UInt8]) throws(KeyError) {
        guard let label = Self.label(of: text) else {
            throw KeyError("no PEM: there is no line -----BEGIN PUBLIC KEY-----")
        }
        guard !label.contains("PRIVATE") else {
            throw KeyError(
                "this is a private key, which only whoever makes tokens may have; "
                    + "take the public one: openssl pkey -in KEY -pubout")
        }
        let found: OpaquePointer? = Self.reading(text) { source in
            switch label {
            case "CERTIFICATE":
                guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return nil }
                defer { X509_free(certificate) }
                return X509_get_pubkey(certificate)
            default: return PEM_read_bio_PUBKEY(source, nil, nil, nil)
            }
        }
        guard let found else {
            throw KeyError(
                "a \(label) that cannot be read: \(OpenSSLErrors.take()); give a PUBLIC KEY or a CERTIFICATE")
        }
        try self.init(owning: found)
    }

    /// A private key in PEM, to make tokens with.
    ///
    /// - Throws: when it is none, or locked with a pass phrase.
    package convenience init(privatePEM text: [UInt8]) throws(KeyError) {
        let found = Self.reading(text) { source in
            // Without this OpenSSL would ask for a pass phrase on the terminal.
            PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let found else {
            throw KeyError("no private key in PEM without a pass phrase: \(OpenSSLErrors.take())")
        }
        try self.init(owning: found)
    }

    private static func reading(_ text: [UInt8], _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        ERR_clear_error()
        return text.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            return body(source)
        }
    }

    /// A new pair of keys; RSA with 2048 bits.
    package static func generate(_ kind: KeyKind) throws(KeyError) -> AsymmetricKey {
        let made: OpaquePointer? =
            switch kind {
            case .rsa: hearth_new_rsa_key(UInt32(rsaBitsMin))
            case .p256: hearth_new_p256_key()
            case .ed25519: hearth_new_ed25519_key()
            case .secret: nil
            }
        guard let made else { throw KeyError("OpenSSL makes no such key: \(OpenSSLErrors.take())") }
        return try AsymmetricKey(owning: made)
    }

    /// PEM of the public key.
    package var publicPEM: [UInt8] { written { PEM_write_bio_PUBKEY($0, pointer) } }

    /// PEM of the private key in PKCS #8, not locked.
    package var privatePEM: [UInt8] {
        written { PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }

    private func written(_ body: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let target = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(target) }
        guard body(target) == 1 else { return [] }
        let count = Int(BIO_ctrl_pending(target))
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, used in
            used = max(0, Int(BIO_read(target, bytes.baseAddress, Int32(clamping: count))))
        }
    }
}
