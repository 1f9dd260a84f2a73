internal import HearthValues

/// A JWS in compact form (RFC 7515, 7.1), taken apart and not yet believed.
struct CompactToken {
    let algorithm: String
    let keyID: String?
    /// What is signed: the first two parts as they stand.
    let signed: [UInt8]
    let signature: [UInt8]
    private let payloadText: [UInt8]

    /// - Throws: `malformed` for anything but three parts of strict base64url, a head that is a JSON object without
    ///   duplicates, an encrypted or nested token, and extensions that must be understood (`crit`).
    init(_ token: String) throws(TokenError) {
        guard token.utf8.count <= TokenLimits.bytesMax else {
            throw TokenError(.malformed, "the token is longer than \(TokenLimits.bytesMax) bytes")
        }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count != 5 else {
            throw TokenError(.malformed, "the token is encrypted (JWE); only signed tokens (JWS) are taken")
        }
        guard parts.count == 3 else {
            throw TokenError(.malformed, "a token has three parts with dots between them, this one has \(parts.count)")
        }
        guard let head = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw TokenError(.malformed, "the token is not base64url without padding") }
        let fields = try Self.object(head, "head")
        guard let algorithm = fields["alg"]?.string else {
            throw TokenError(.malformed, "the token's head has no \"alg\"")
        }
        guard !fields.contains("crit") else {
            throw TokenError(
                .malformed, "the token has extensions (\"crit\") that must be understood; there are none here")
        }
        guard !fields.contains("enc"), !Self.isNested(fields["cty"]) else {
            throw TokenError(.malformed, "a token within a token, or an encrypted one, is not taken")
        }
        if let type = fields["typ"], !Self.isTokenType(type) {
            throw TokenError(.malformed, "the token's \"typ\" is not \"JWT\" or \"at+jwt\"")
        }
        if let id = fields["kid"] {
            guard let id = id.string else { throw TokenError(.malformed, "\"kid\" must be a string") }
            keyID = id
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.signature = signature
        payloadText = payload
        signed = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
    }

    /// The payload. To be read only when the signature is right.
    ///
    /// - Throws: `malformed` when it is no JSON object, or one with a key twice.
    func payload() throws(TokenError) -> Object { try Self.object(payloadText, "payload") }

    private static func object(_ text: [UInt8], _ part: String) throws(TokenError) -> Object {
        let value: Value
        do throws(JSONError) {
            value = try JSON.parse(text, limits: JSONLimits(depthMax: TokenLimits.depthMax, refusesDuplicates: true))
        } catch {
            throw TokenError(.malformed, "the token's \(part) is not taken: \(error.message)")
        }
        guard let object = value.object else { throw TokenError(.malformed, "the token's \(part) is no JSON object") }
        return object
    }

    private static func isNested(_ contentType: Value?) -> Bool {
        guard let contentType else { return false }
        return contentType.string?.lowercased() != "json"
    }

    private static func isTokenType(_ type: Value) -> Bool {
        guard var name = type.string?.lowercased() else { return false }
        if name.hasPrefix("application/") { name = String(name.dropFirst(12)) }
        return ["jwt", "jws", "jose", "at+jwt"].contains(name)
    }
}

/// How large a token may be.
package enum TokenLimits {
    /// 8 KiB: proxies take no longer header fields, and the work of reading it is for strangers.
    package static let bytesMax = 8_192
    /// Objects and lists inside one another.
    static let depthMax = 16
    /// 240 bytes of `sub`: a user's id is part of the ids of its cells, which have 256 bytes for it.
    package static let subjectBytesMax = 240
    /// Keys that are tried for a token that does not say which.
    static let keysTriedMax = 8
}
