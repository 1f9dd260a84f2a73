/// A key with the algorithms for which it is used: which these are is settled before any token is seen.
package struct VerificationKey: Sendable {
    enum Material: Sendable {
        case secret([UInt8])
        case key(AsymmetricKey)
    }

    /// `kid`; nil for a key that has no name.
    package let id: String?
    package let kind: KeyKind
    package let algorithms: Set<SignatureAlgorithm>
    let material: Material
    /// The same for the same key, in whichever file it stands.
    package let fingerprint: [UInt8]

    /// - Parameter allowed: the algorithms that the operator allows; nil for those usual with such a key.
    /// - Throws: when none is left, or the secret is shorter than the digest of each.
    init(
        id: String?, _ material: Material, named: SignatureAlgorithm? = nil, allowed: Set<SignatureAlgorithm>?
    ) throws(KeyError) {
        self.id = id
        self.material = material
        switch material {
        case .secret(let secret):
            kind = .secret
            fingerprint = secret.withUnsafeBytes { Digest.sha256($0) }
        case .key(let key):
            kind = key.kind
            fingerprint = key.fingerprint
        }
        var algorithms = named.map { [$0] } ?? allowed?.filter { [kind] in $0.keyKind == kind } ?? kind.usualAlgorithms
        if let allowed { algorithms.formIntersection(allowed) }
        algorithms = algorithms.filter { [kind] in $0.keyKind == kind }
        guard !algorithms.isEmpty else {
            let names = (allowed ?? named.map { [$0] } ?? []).map(\.rawValue).sorted().joined(separator: ", ")
            throw KeyError("\(kind.rawValue) is not for \(names); an algorithm and its key must fit")
        }
        if case .secret(let secret) = material {
            let least = algorithms.map(\.secretBytesMin).max() ?? 0
            guard secret.count >= least else {
                throw KeyError(
                    "a secret of \(secret.count) bytes is too short: \(algorithms.map(\.rawValue).sorted().joined(separator: ", ")) "
                        + "needs \(least) at least (RFC 7518, 3.2); make one with: openssl rand -base64 48")
            }
        }
        self.algorithms = algorithms
    }

    func accepts(_ signature: [UInt8], of input: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        switch material {
        case .secret(let secret): return Signature.isCode(signature, of: input, secret: secret, algorithm)
        case .key(let key): return Signature.isSignature(signature, of: input, by: key, algorithm)
        }
    }
}
