import HearthIdentity
import NIOHTTP1

/// Looks at tokens for all of a server. Safe from every thread.
struct Doorkeeper: Sendable {
    let verifier: TokenVerifier

    /// Seconds before a credential runs out at which its holder is told.
    static let noticeSeconds = 30.0

    /// - Throws: 401 `unauthenticated` with what is wrong with the token.
    func credential(of token: String) throws(Refusal) -> Credential {
        do throws(TokenError) {
            return try verifier.verify(token, now: WallClock.nowMs())
        } catch {
            throw .unauthenticated(error.message)
        }
    }

    /// The credential, unless its key has been taken back since it was made.
    func renewed(_ credential: Credential) throws(Refusal) -> Credential {
        let generation = verifier.generation
        guard credential.generation != generation else { return credential }
        guard verifier.holds(credential) else {
            throw .unauthenticated("the key that signed the token is no longer one of this server's")
        }
        var credential = credential
        credential.generation = generation
        return credential
    }

    /// When a credential runs out, in milliseconds since 1970; nil for never.
    func deadline(of credential: Credential) -> Int64? {
        guard let expires = credential.claims.expiresAt else { return nil }
        let latest = (expires + Double(verifier.rules.leewaySeconds)) * 1_000
        return latest < 9e15 ? Int64(max(0, latest)) : nil
    }
}

/// Where a request may carry its token.
enum BearerToken {
    /// Of a browser's WebSocket, which can set no header: offered beside `hearth.v1`, and never echoed.
    static let subprotocolPrefix = "bearer."

    /// The token of `Authorization: Bearer TOKEN`; nil for other schemes, which are for whoever stands in front.
    static func token(ofAuthorization field: String?) -> String? {
        guard let field else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingPrefix { $0 == " " }.description
    }
}

extension Refusal {
    static func unauthenticated(_ message: String) -> Refusal {
        Refusal(statusCode: 401, code: "unauthenticated", message: message)
    }

    static let tokenNeeded = Refusal.unauthenticated(
        "this server wants a token: Authorization: Bearer TOKEN")

    static func forbidden(_ message: String) -> Refusal {
        Refusal(statusCode: 403, code: "forbidden", message: message)
    }

    static func mayNot(_ what: String, _ room: String, right: String) -> Refusal {
        forbidden(
            "the token does not allow to \(what) the room \"\(room)\": its claim \"rooms\" gives no right \"\(right)\" there"
        )
    }
}
