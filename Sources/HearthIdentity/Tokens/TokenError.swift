/// Why a token is not taken. The message is for whoever sent it, and holds nothing of any key.
package struct TokenError: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// No compact JWS with JSON inside, or something in its head that is not understood.
        case malformed
        /// An algorithm that is not configured.
        case algorithm
        /// No key fits.
        case key
        case signature
        case expired
        /// `nbf` or `iat` in the future.
        case early
        case issuer
        case audience
        /// A claim that is missing or of the wrong form.
        case claim
    }

    package let kind: Kind
    package let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
