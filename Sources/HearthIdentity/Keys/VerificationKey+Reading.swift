internal import HearthValues

extension VerificationKey {
    /// A shared secret: the bytes of a file or variable, without one line end behind them.
    ///
    /// - Throws: when it is too short, or a key by its looks: to take a public key for a secret lets everybody make tokens.
    static func secret(_ bytes: [UInt8], allowed: Set<SignatureAlgorithm>?) throws(KeyError) -> VerificationKey {
        var secret = bytes[...]
        if secret.last == 0x0A { secret = secret.dropLast() }
        if secret.last == 0x0D { secret = secret.dropLast() }
        return try VerificationKey(id: nil, .secret(try checked(Array(secret))), allowed: allowed)
    }

    private static func checked(_ secret: [UInt8]) throws(KeyError) -> [UInt8] {
        guard AsymmetricKey.label(of: secret) == nil else {
            throw KeyError("this is a key in PEM and no secret; give it with --auth-key")
        }
        return secret
    }

    /// PEM of a public key or certificate, or one JWK.
    static func file(_ bytes: [UInt8], allowed: Set<SignatureAlgorithm>?) throws(KeyError) -> VerificationKey {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
            return try VerificationKey(id: nil, .key(AsymmetricKey(publicPEM: bytes)), allowed: allowed)
        }
        let jwk = try object(bytes)
        guard !jwk.contains("keys") else { throw KeyError("this is a set of keys; give it with --auth-jwks") }
        return try VerificationKey(jwk, allowed: allowed)
    }

    /// The keys of a JWK set. Those that are not for signatures, or of a kind that is not known here, are passed over
    /// (RFC 7517, 5).
    ///
    /// - Throws: for a set without a key that can be used, and for a key that is broken, weak or private.
    static func set(_ bytes: [UInt8], allowed: Set<SignatureAlgorithm>?) throws(KeyError) -> [VerificationKey] {
        guard let list = try object(bytes)["keys"]?.list else {
            throw KeyError("no JWK set: there is no list \"keys\"")
        }
        guard list.count <= keysMax else { throw KeyError("a JWK set may have at most \(keysMax) keys") }
        var keys: [VerificationKey] = []
        for (index, element) in list.enumerated() {
            guard let jwk = element.object else { throw KeyError("key \(index) of the set is no JSON object") }
            guard isForSignatures(jwk), isKnown(jwk, allowed) else { continue }
            do throws(KeyError) {
                keys.append(try VerificationKey(jwk, allowed: allowed))
            } catch {
                throw KeyError("key \(index) of the set: \(error.message)")
            }
        }
        return keys
    }

    /// 64: each may be asked for by a stranger's token.
    package static let keysMax = 64

    private init(_ jwk: Object, allowed: Set<SignatureAlgorithm>?) throws(KeyError) {
        var named: SignatureAlgorithm?
        if let name = jwk["alg"] {
            named = name.string.flatMap(SignatureAlgorithm.init(rawValue:))
            guard named != nil else { throw KeyError("a JWK with \"alg\" \(JSON.text(name)), which is not known here") }
        }
        guard jwk["kty"]?.string == "oct" else {
            try self.init(
                id: jwk["kid"]?.string, .key(AsymmetricKey(publicJWK: jwk)), named: named, allowed: allowed)
            return
        }
        guard let secret = jwk["k"]?.string.flatMap({ Base64URL.decode($0) }) else {
            throw KeyError("\"k\" of a JWK is missing or not base64url without padding")
        }
        try self.init(
            id: jwk["kid"]?.string, .secret(try Self.checked(secret)), named: named, allowed: allowed)
    }

    private static func isForSignatures(_ jwk: Object) -> Bool {
        if let use = jwk["use"], use.string != "sig" { return false }
        guard let operations = jwk["key_ops"]?.list else { return true }
        return operations.contains { $0.string == "verify" }
    }

    /// Whether the key is for an algorithm that is known, and is allowed.
    private static func isKnown(_ jwk: Object, _ allowed: Set<SignatureAlgorithm>?) -> Bool {
        let kinds: [KeyKind] =
            switch (jwk["kty"]?.string, jwk["crv"]?.string) {
            case ("RSA", _): [.rsa]
            case ("EC", "P-256"): [.p256]
            case ("OKP", "Ed25519"): [.ed25519]
            case ("oct", _): [.secret]
            default: []
            }
        guard let kind = kinds.first else { return false }
        if let name = jwk["alg"] {
            guard let named = name.string.flatMap(SignatureAlgorithm.init(rawValue:)), named.keyKind == kind else {
                return false
            }
            return allowed?.contains(named) ?? true
        }
        return allowed?.contains { $0.keyKind == kind } ?? true
    }

    private static func object(_ bytes: [UInt8]) throws(KeyError) -> Object {
        do throws(JSONError) {
            if let object = try JSON.parse(bytes, limits: JSONLimits(refusesDuplicates: true)).object { return object }
        } catch { throw KeyError("this is not JSON: \(error.message)") }
        throw KeyError("this is no JSON object")
    }
}
