internal import COpenSSL

/// A public key, or a pair of public and private key.
package final class AsymmetricKey: @unchecked Sendable {
    // @unchecked because the key is never changed after `init`, and OpenSSL lets unchanged keys be used by many threads.
    let pointer: OpaquePointer
    package let kind: KeyKind

    /// 2048 bits: the least that RFC 7518, 3.3 allows.
    package static let rsaBitsMin: Int32 = 2_048
    /// 8192 bits: a check of one signature with a longer key takes a millisecond, and strangers ask for it.
    package static let rsaBitsMax: Int32 = 8_192

    /// Takes over a key that is not used elsewhere.
    ///
    /// - Throws: when it is of a kind that no algorithm here uses, or too weak.
    init(owning pointer: OpaquePointer) throws(KeyError) {
        do throws(KeyError) {
            kind = try Self.kind(of: pointer)
        } catch {
            EVP_PKEY_free(pointer)
            throw error
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    private static func kind(of pointer: OpaquePointer) throws(KeyError) -> KeyKind {
        if EVP_PKEY_is_a(pointer, "RSA") == 1 {
            let bits = EVP_PKEY_get_bits(pointer)
            guard bits >= rsaBitsMin else {
                throw KeyError("an RSA key of \(bits) bits is too weak: it needs \(rsaBitsMin) at least")
            }
            guard bits <= rsaBitsMax else {
                throw KeyError("an RSA key of \(bits) bits is too slow to check: \(rsaBitsMax) are the most")
            }
            return .rsa
        }
        if EVP_PKEY_is_a(pointer, "EC") == 1 {
            let curve = curve(of: pointer)
            guard curve == "prime256v1" else {
                throw KeyError("the curve \(curve) is not supported: use P-256, for ES256, or Ed25519, for EdDSA")
            }
            return .p256
        }
        if EVP_PKEY_is_a(pointer, "ED25519") == 1 { return .ed25519 }
        let name = EVP_PKEY_get0_type_name(pointer).map { String(cString: $0) } ?? "unknown"
        throw KeyError("a key of type \(name) is not supported: use RSA, EC on P-256, or Ed25519")
    }

    private static func curve(of pointer: OpaquePointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { name in
            var count = 0
            guard let start = name.baseAddress, EVP_PKEY_get_group_name(pointer, start, name.count, &count) == 1 else {
                return "unknown"
            }
            return String(cString: start)
        }
    }

    /// SHA-256 over the public key in its standard form: the same for the same key, however it was written down.
    var fingerprint: [UInt8] {
        var der: UnsafeMutablePointer<UInt8>?
        let count = Int(i2d_PUBKEY(pointer, &der))
        defer { CRYPTO_free(der, "", 0) }
        guard count > 0, let der else { return [] }
        return Digest.sha256(UnsafeRawBufferPointer(start: der, count: count))
    }
}

enum Digest {
    static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var count: UInt32 = 0
        return [UInt8](unsafeUninitializedCapacity: 32) { output, used in
            used =
                EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, &count, EVP_sha256(), nil) == 1
                ? Int(count) : 0
        }
    }
}

/// OpenSSL's errors of this thread, taken off its queue.
enum OpenSSLErrors {
    /// What went wrong last, in OpenSSL's words; the queue is empty afterwards.
    static func take() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "unknown reason" }
        return String(cString: reason)
    }
}
