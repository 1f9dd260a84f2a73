internal import COpenSSL
internal import HearthValues

extension AsymmetricKey {
    /// The public key of a JWK (RFC 7517, RFC 8037) whose `kty` is not `oct`.
    ///
    /// - Throws: for what is missing, malformed, no point of its curve, too weak, or private.
    convenience init(publicJWK jwk: Object) throws(KeyError) {
        guard !jwk.contains("d") else {
            throw KeyError(
                "a JWK with \"d\" is a private key, which only whoever makes tokens may have; leave \"d\" out")
        }
        switch jwk["kty"]?.string {
        case "RSA": try self.init(owning: Self.rsa(jwk))
        case "EC": try self.init(owning: Self.elliptic(jwk))
        case "OKP": try self.init(owning: Self.edwards(jwk))
        default: throw KeyError("a JWK with an unknown \"kty\"; use RSA, EC or OKP")
        }
    }

    private static func member(_ jwk: Object, _ name: String) throws(KeyError) -> [UInt8] {
        guard let text = jwk[name]?.string else { throw KeyError("a JWK without \"\(name)\"") }
        guard let bytes = Base64URL.decode(text), !bytes.isEmpty else {
            throw KeyError("\"\(name)\" of a JWK is not base64url without padding")
        }
        return bytes
    }

    private static func rsa(_ jwk: Object) throws(KeyError) -> OpaquePointer {
        let modulus = try member(jwk, "n")
        let exponent = try member(jwk, "e")
        // A long exponent is as good as a slow one; every real key has 65537.
        guard exponent.count <= 8, modulus.count <= Int(rsaBitsMax) / 8 + 1 else {
            throw KeyError("\"n\" or \"e\" of a JWK is too long")
        }
        return try made("RSA") { builder in
            let numbers = [
                BN_bin2bn(modulus, Int32(modulus.count), nil), BN_bin2bn(exponent, Int32(exponent.count), nil),
            ]
            _ = hearth_push_rsa(builder, numbers[0], numbers[1])
            return numbers.compactMap { $0 }
        }
    }

    private static func elliptic(_ jwk: Object) throws(KeyError) -> OpaquePointer {
        guard jwk["crv"]?.string == "P-256" else {
            throw KeyError("a JWK with \"crv\" \(jwk["crv"].map(JSON.text) ?? "missing"); for EC it must be \"P-256\"")
        }
        let x = try member(jwk, "x")
        let y = try member(jwk, "y")
        guard x.count == 32, y.count == 32 else {
            throw KeyError("\"x\" and \"y\" of a JWK on P-256 must have 32 bytes each, not \(x.count) and \(y.count)")
        }
        let point = [4] + x + y
        return try point.withUnsafeBytes { bytes in
            Result { () throws(KeyError) in
                try made("EC") { builder in
                    _ = hearth_push_p256(builder, bytes.baseAddress, bytes.count)
                    return []
                }
            }
        }.get()
    }

    private static func edwards(_ jwk: Object) throws(KeyError) -> OpaquePointer {
        guard jwk["crv"]?.string == "Ed25519" else {
            throw KeyError(
                "a JWK with \"crv\" \(jwk["crv"].map(JSON.text) ?? "missing"); for OKP it must be \"Ed25519\"")
        }
        let x = try member(jwk, "x")
        guard x.count == 32 else { throw KeyError("\"x\" of an Ed25519 JWK must have 32 bytes, not \(x.count)") }
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, x, x.count) else {
            throw KeyError("an Ed25519 JWK that OpenSSL refuses: \(OpenSSLErrors.take())")
        }
        return key
    }

    /// - Parameter fill: puts the parts in and returns numbers that are to be freed afterwards.
    private static func made(
        _ type: String, _ fill: (OpaquePointer) -> [OpaquePointer]
    ) throws(KeyError) -> OpaquePointer {
        ERR_clear_error()
        let builder = OSSL_PARAM_BLD_new()
        defer { OSSL_PARAM_BLD_free(builder) }
        guard let builder else { throw KeyError("no memory for a key") }
        let numbers = fill(builder)
        defer { numbers.forEach { BN_free($0) } }
        let parameters = OSSL_PARAM_BLD_to_param(builder)
        defer { OSSL_PARAM_free(parameters) }
        let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, hearth_public_key_parts(), parameters) == 1, let key, isSound(key)
        else {
            EVP_PKEY_free(key)
            throw KeyError("a JWK of type \(type) that OpenSSL refuses: \(OpenSSLErrors.take())")
        }
        return key
    }

    /// Is the point on its curve, is the modulus one?
    private static func isSound(_ key: OpaquePointer) -> Bool {
        let check = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        defer { EVP_PKEY_CTX_free(check) }
        return EVP_PKEY_public_check(check) == 1
    }
}
