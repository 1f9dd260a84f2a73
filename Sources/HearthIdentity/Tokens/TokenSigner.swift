package import HearthValues

/// Makes tokens, for trying things out.
package struct TokenSigner: Sendable {
    private enum Material: Sendable {
        case secret([UInt8])
        case key(AsymmetricKey)
    }

    package let algorithm: SignatureAlgorithm
    private let material: Material

    /// - Throws: when the secret is too short for the algorithm, or the algorithm is none for secrets.
    package init(secret: [UInt8], _ algorithm: SignatureAlgorithm?) throws(KeyError) {
        let algorithm = algorithm ?? .hs256
        let key = try VerificationKey.secret(secret, allowed: [algorithm])
        guard case .secret(let secret) = key.material else { throw KeyError("this is no secret") }
        self.algorithm = algorithm
        material = .secret(secret)
    }

    /// - Parameter algorithm: nil for the key's own: RS256, ES256 or EdDSA.
    /// - Throws: when it is no private key in PEM, or not of the kind that the algorithm needs.
    package init(privatePEM: [UInt8], _ algorithm: SignatureAlgorithm?) throws(KeyError) {
        let key = try AsymmetricKey(privatePEM: privatePEM)
        let usual: SignatureAlgorithm = key.kind == .rsa ? .rs256 : key.kind == .p256 ? .es256 : .edDSA
        self.algorithm = algorithm ?? usual
        guard self.algorithm.keyKind == key.kind else {
            throw KeyError(
                "\(self.algorithm.rawValue) needs \(self.algorithm.keyKind.rawValue), and this is \(key.kind.rawValue)")
        }
        material = .key(key)
    }

    /// A token with these claims.
    package func token(_ claims: Object, keyID: String? = nil) throws(KeyError) -> String {
        var head: Object = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
        head["kid"] = keyID.map { .string($0) }
        let signed = Base64URL.encode(JSON.bytes(.object(head))) + "." + Base64URL.encode(JSON.bytes(.object(claims)))
        let input = Array(signed.utf8)
        let signature =
            switch material {
            case .secret(let secret): Signature.code(input, secret: secret, algorithm)
            case .key(let key): try Signature.sign(input, with: key, algorithm)
            }
        return signed + "." + Base64URL.encode(signature)
    }
}
