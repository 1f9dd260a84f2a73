import Synchronization

/// Tells whether a token is to be believed. Safe from every thread.
///
/// What guards what: `state` holds the keys and is replaced as a whole when a file with keys has changed; `generation`
/// rises with each replacement, so that who holds a credential can see cheaply that it must be looked at again.
package final class TokenVerifier: Sendable {
    private struct State {
        var keys: [VerificationKey]
        /// Of the files, when they were last looked at.
        var stamps: [KeyFile.Stamp?]
    }

    package let rules: TokenRules
    private let state: Mutex<State>
    private let generationCount = Atomic<UInt64>(1)

    /// - Throws: `KeyError` when a key cannot be had or used.
    package init(_ rules: TokenRules) throws(KeyError) {
        self.rules = rules
        let stamps = rules.files.map(\.stamp)
        let keys = try rules.readKeys()
        guard !keys.isEmpty else { throw KeyError("there is no key with which a token could be checked") }
        state = Mutex(State(keys: keys, stamps: stamps))
    }

    /// Rises whenever the keys have changed.
    package var generation: UInt64 { generationCount.load(ordering: .acquiring) }

    /// Whether the key with which a credential was made is still one of the server's.
    package func holds(_ credential: Credential) -> Bool {
        state.withLock { $0.keys.contains { $0.fingerprint == credential.keyFingerprint } }
    }

    package enum Refreshed: Sendable, Hashable {
        case unchanged
        /// With so many keys; none when all have been taken back, and then no token is good.
        case changed(keys: Int)
        /// The files cannot be used; the old keys stay. Said once for each state of the files.
        case failed(KeyError)
    }

    /// Looks whether a file with keys has changed and reads it again; blocks for as long as the disk takes.
    package func refresh() -> Refreshed {
        let stamps = rules.files.map(\.stamp)
        guard state.withLock({ $0.stamps != stamps }) else { return .unchanged }
        do throws(KeyError) {
            let keys = try rules.readKeys()
            state.withLock { $0 = State(keys: keys, stamps: stamps) }
            generationCount.wrappingAdd(1, ordering: .acquiringAndReleasing)
            return .changed(keys: keys.count)
        } catch {
            state.withLock { $0.stamps = stamps }
            return .failed(error)
        }
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Throws: `TokenError` for every token that is not to be believed here and now.
    /// - Complexity: one check of a signature; several for a token without `kid` where several keys fit.
    package func verify(_ token: String, now: Int64) throws(TokenError) -> Credential {
        let generation = generation
        let token = try CompactToken(token)
        let key = try signer(of: token)
        let claims = try Claims(token.payload(), rules, now: Double(now) / 1_000)
        return Credential(claims: claims, keyFingerprint: key.fingerprint, generation: generation)
    }

    private func signer(of token: CompactToken) throws(TokenError) -> VerificationKey {
        let keys = state.withLock { $0.keys }
        // Names compare by their letters: `hs256`, `None` and `NONE` are no algorithms.
        guard let algorithm = SignatureAlgorithm(rawValue: token.algorithm),
            keys.contains(where: { $0.algorithms.contains(algorithm) })
        else {
            let names = Set(keys.flatMap(\.algorithms)).map(\.rawValue).sorted().joined(separator: ", ")
            throw TokenError(.algorithm, "the token's \"alg\" is not one that is taken here: \(names)")
        }
        var fitting = keys.filter { $0.algorithms.contains(algorithm) }
        if let id = token.keyID, fitting.contains(where: { $0.id != nil }) {
            // A key without a name is tried as well: the issuer may have given it one.
            fitting = fitting.filter { $0.id.map { $0.hasSameBytes(id) } ?? true }
            guard !fitting.isEmpty else { throw TokenError(.key, "no key of this server has the token's \"kid\"") }
        }
        guard fitting.count <= TokenLimits.keysTriedMax else {
            throw TokenError(
                .key, "the token does not say by \"kid\" which of \(fitting.count) keys it was signed with")
        }
        guard let key = fitting.first(where: { $0.accepts(token.signature, of: token.signed, algorithm) }) else {
            throw TokenError(.signature, "the token's signature is not right")
        }
        return key
    }
}

extension String {
    fileprivate func hasSameBytes(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

/// A token that was believed.
package struct Credential: Sendable {
    package let claims: Claims
    let keyFingerprint: [UInt8]
    /// The verifier's when the token was checked.
    package var generation: UInt64
}
