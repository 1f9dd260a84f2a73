import Foundation
import HearthValues

@testable import HearthIdentity

/// A verifier with keys in files of its own, and tokens made by hand.
final class TokenBench {
    static let secret = Array("an example secret of more than 64 bytes, so that it is fit for every digest".utf8)
    static let now: Int64 = 1_800_000_000_000

    private let folder = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)")
    var rules = TokenRules()

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = folder.appending(path: name)
        try Data(bytes).write(to: path, options: .atomic)
        return path.path
    }

    /// A verifier of HS256 with `secret`.
    static func hmac(_ change: (inout TokenRules) -> Void = { _ in }) throws -> TokenVerifier {
        var rules = TokenRules()
        rules.secret = secret
        change(&rules)
        return try TokenVerifier(rules)
    }

    /// A token with these very texts in head and payload, signed by HS256.
    static func token(
        head: String = #"{"alg":"HS256"}"#, payload: String, _ algorithm: SignatureAlgorithm = .hs256
    ) -> String {
        let signed = Base64URL.encode(Array(head.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return signed + "." + Base64URL.encode(Signature.code(Array(signed.utf8), secret: secret, algorithm))
    }

    /// What is wrong with a token; nil when it is taken.
    static func problem(_ token: String, _ verifier: TokenVerifier, now: Int64 = now) -> TokenError.Kind? {
        do throws(TokenError) {
            _ = try verifier.verify(token, now: now)
            return nil
        } catch { return error.kind }
    }
}
