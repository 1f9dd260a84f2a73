internal import COpenSSL

/// The signature algorithms that tokens may have, by their names in RFC 7518 and RFC 8037. There is no `none`.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    /// The kind of key that makes and checks such signatures. No key is of two kinds, so no public key can be taken for
    /// a secret.
    package var keyKind: KeyKind {
        switch self {
        case .hs256, .hs384, .hs512: .secret
        case .rs256, .ps256: .rsa
        case .es256: .p256
        case .edDSA: .ed25519
        }
    }

    /// Bytes that a secret must have at least: as many as the digest (RFC 7518, 3.2). 0 for other kinds of keys.
    package var secretBytesMin: Int {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        case .rs256, .ps256, .es256, .edDSA: 0
        }
    }

    /// OpenSSL's digest; nil where the algorithm brings its own.
    var digest: OpaquePointer? {
        switch self {
        case .hs256, .rs256, .ps256, .es256: EVP_sha256()
        case .hs384: EVP_sha384()
        case .hs512: EVP_sha512()
        case .edDSA: nil
        }
    }
}

/// What a key is.
package enum KeyKind: String, Sendable, Hashable {
    case secret = "a secret"
    case rsa = "an RSA key"
    case p256 = "an EC key on P-256"
    case ed25519 = "an Ed25519 key"

    /// The algorithms of such a key unless its owner or the server's operator narrows them. A secret has one only, so
    /// that which digest it is for is said and not found out.
    package var usualAlgorithms: Set<SignatureAlgorithm> {
        switch self {
        case .secret: [.hs256]
        case .rsa: [.rs256, .ps256]
        case .p256: [.es256]
        case .ed25519: [.edDSA]
        }
    }
}
