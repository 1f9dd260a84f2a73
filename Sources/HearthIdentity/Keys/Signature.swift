internal import COpenSSL

/// Making and checking signatures with OpenSSL.
enum Signature {
    /// 64 bytes: r and s of ES256, 32 each (RFC 7518, 3.4).
    private static let es256Bytes = 64

    // MARK: - Secrets

    /// The HMAC of `input`; empty when OpenSSL refuses.
    static func code(_ input: [UInt8], secret: [UInt8], _ algorithm: SignatureAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, used in
            var count: UInt32 = 0
            let made = HMAC(
                algorithm.digest, secret, Int32(clamping: secret.count), input, input.count, output.baseAddress, &count)
            used = made == nil ? 0 : Int(count)
        }
    }

    /// Takes as long for a wrong code as for the right one.
    static func isCode(
        _ code: [UInt8], of input: [UInt8], secret: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Bool {
        let right = self.code(input, secret: secret, algorithm)
        return !right.isEmpty && right.count == code.count && CRYPTO_memcmp(right, code, right.count) == 0
    }

    // MARK: - Keys

    static func isSignature(
        _ signature: [UInt8], of input: [UInt8], by key: AsymmetricKey, _ algorithm: SignatureAlgorithm
    ) -> Bool {
        guard key.kind == algorithm.keyKind, !signature.isEmpty else { return false }
        ERR_clear_error()
        defer { ERR_clear_error() }
        var signature = signature
        if algorithm == .es256 {
            guard let converted = der(ofRaw: signature) else { return false }
            signature = converted
        }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &parameters, algorithm.digest, nil, key.pointer) == 1,
            configure(parameters, algorithm)
        else { return false }
        return EVP_DigestVerify(context, signature, signature.count, input, input.count) == 1
    }

    /// - Throws: when the key has no private part or OpenSSL refuses.
    static func sign(
        _ input: [UInt8], with key: AsymmetricKey, _ algorithm: SignatureAlgorithm
    ) throws(KeyError) -> [UInt8] {
        guard key.kind == algorithm.keyKind else {
            throw KeyError(
                "\(algorithm.rawValue) needs \(algorithm.keyKind.rawValue), and this is \(key.kind.rawValue)")
        }
        ERR_clear_error()
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        var count = 0
        guard EVP_DigestSignInit(context, &parameters, algorithm.digest, nil, key.pointer) == 1,
            configure(parameters, algorithm), EVP_DigestSign(context, nil, &count, input, input.count) == 1
        else { throw KeyError("OpenSSL does not sign: \(OpenSSLErrors.take())") }
        var isMade = false
        let signature = [UInt8](unsafeUninitializedCapacity: count) { output, used in
            isMade = EVP_DigestSign(context, output.baseAddress, &count, input, input.count) == 1
            used = isMade ? count : 0
        }
        guard isMade, let result = algorithm == .es256 ? raw(ofDER: signature) : signature else {
            throw KeyError("OpenSSL does not sign: \(OpenSSLErrors.take())")
        }
        return result
    }

    private static func configure(_ parameters: OpaquePointer?, _ algorithm: SignatureAlgorithm) -> Bool {
        switch algorithm {
        case .rs256: EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
        case .ps256:
            // Salt and mask as RFC 7518, 3.5 has them: as long as the digest, and made with it.
            EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1
        default: true
        }
    }

    // MARK: - ES256: r and s side by side in a token, DER in OpenSSL

    private static func der(ofRaw signature: [UInt8]) -> [UInt8]? {
        guard signature.count == es256Bytes else { return nil }
        let pair = ECDSA_SIG_new()
        defer { ECDSA_SIG_free(pair) }
        let r = Array(signature[..<32])
        let s = Array(signature[32...])
        // The pair takes the numbers over.
        guard ECDSA_SIG_set0(pair, BN_bin2bn(r, 32, nil), BN_bin2bn(s, 32, nil)) == 1 else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = Int(i2d_ECDSA_SIG(pair, &text))
        defer { CRYPTO_free(text, "", 0) }
        guard count > 0, let text else { return nil }
        return Array(UnsafeBufferPointer(start: text, count: count))
    }

    private static func raw(ofDER signature: [UInt8]) -> [UInt8]? {
        signature.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            guard let pair = d2i_ECDSA_SIG(nil, &start, bytes.count) else { return nil }
            defer { ECDSA_SIG_free(pair) }
            return [UInt8](unsafeUninitializedCapacity: es256Bytes) { output, used in
                guard let place = output.baseAddress,
                    BN_bn2binpad(ECDSA_SIG_get0_r(pair), place, 32) == 32,
                    BN_bn2binpad(ECDSA_SIG_get0_s(pair), place + 32, 32) == 32
                else { return }
                used = es256Bytes
            }
        }
    }
}
