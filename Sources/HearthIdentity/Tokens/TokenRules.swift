/// Which tokens a server takes. What is not said here is never taken from a token.
package struct TokenRules: Sendable {
    /// Files with a secret, with a public key (PEM, certificate or JWK), and with JWK sets. All are read again when they change.
    package var secretFile: String?
    package var keyFile: String?
    package var keySetFile: String?
    /// A secret from the environment.
    package var secret: [UInt8]?
    /// The algorithms that are taken; nil for those usual with the keys that there are.
    package var algorithms: Set<SignatureAlgorithm>?
    /// One of these must be the token's `iss`; empty for any or none.
    package var issuers: [String] = []
    /// One of these must be in the token's `aud`; empty when tokens are for nobody in particular.
    package var audiences: [String] = []
    /// By how many seconds clocks may differ, for `exp`, `nbf` and `iat`.
    package var leewaySeconds = 5

    package init() {}

    package var hasKeys: Bool { secretFile != nil || keyFile != nil || keySetFile != nil || secret != nil }

    var files: [KeyFile] { [secretFile, keyFile, keySetFile].compactMap { $0 }.map(KeyFile.init) }

    /// Reads every key.
    ///
    /// - Throws: `KeyError` with the file and what is wrong in it.
    func readKeys() throws(KeyError) -> [VerificationKey] {
        var keys: [VerificationKey] = []
        if let secret {
            keys.append(
                try naming("HEARTH_AUTH_SECRET") { () throws(KeyError) in
                    try .secret(secret, allowed: algorithms)
                })
        }
        if let path = secretFile {
            let bytes = try KeyFile(path).read()
            keys.append(try naming(path) { () throws(KeyError) in try .secret(bytes, allowed: algorithms) })
        }
        if let path = keyFile {
            let bytes = try KeyFile(path).read()
            keys.append(try naming(path) { () throws(KeyError) in try .file(bytes, allowed: algorithms) })
        }
        if let path = keySetFile {
            let bytes = try KeyFile(path).read()
            keys += try naming(path) { () throws(KeyError) in try VerificationKey.set(bytes, allowed: algorithms) }
        }
        return keys
    }

    private func naming<T>(_ path: String, _ body: () throws(KeyError) -> T) throws(KeyError) -> T {
        do throws(KeyError) { return try body() } catch { throw KeyError("\(path): \(error.message)") }
    }
}
