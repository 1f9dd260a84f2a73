internal import HearthValues

extension Claims {
    /// Checks the form of the claims, and that the token is for this server and for now.
    ///
    /// - Parameter now: seconds since 1970.
    init(_ payload: Object, _ rules: TokenRules, now: Double) throws(TokenError) {
        let leeway = Double(rules.leewaySeconds)
        let expires = try Self.time(payload, "exp")
        if let expires, now >= expires + leeway { throw TokenError(.expired, "the token has expired") }
        if let start = try Self.time(payload, "nbf"), now < start - leeway {
            throw TokenError(.early, "the token is not valid yet (\"nbf\")")
        }
        if let issued = try Self.time(payload, "iat"), now < issued - leeway {
            throw TokenError(.early, "the token was issued in the future (\"iat\"); is one of the clocks wrong?")
        }
        try Self.check(issuer: payload["iss"], rules)
        try Self.check(audience: payload["aud"], rules)
        guard let subject = payload["sub"]?.string, !subject.isEmpty else {
            throw TokenError(
                .claim, "the token says of nobody that it is: \"sub\" must be a string with something in it")
        }
        guard subject.utf8.count <= TokenLimits.subjectBytesMax else {
            throw TokenError(.claim, "\"sub\" may be at most \(TokenLimits.subjectBytesMax) bytes")
        }
        self.subject = subject
        expiresAt = expires
        name = try Self.optionalString(payload, "name")
        roles = try Self.words(payload["roles"], "roles") ?? ["member"]
        grants = try Self.grants(payload["rooms"])
    }

    /// A `NumericDate` (RFC 7519, 2): a JSON number, whole or not.
    private static func time(_ payload: Object, _ name: String) throws(TokenError) -> Double? {
        switch payload[name] {
        case nil: return nil
        case .int(let seconds)?: return Double(seconds)
        case .double(let seconds)? where seconds.isFinite: return seconds
        default: throw TokenError(.claim, "\"\(name)\" must be a number of seconds since 1970")
        }
    }

    private static func check(issuer: Value?, _ rules: TokenRules) throws(TokenError) {
        if let issuer, issuer.string == nil { throw TokenError(.claim, "\"iss\" must be a string") }
        guard !rules.issuers.isEmpty else { return }
        guard let name = issuer?.string, rules.issuers.contains(where: { $0.hasSameBytes(as: name) }) else {
            throw TokenError(.issuer, "the token's issuer (\"iss\") is not one that this server trusts")
        }
    }

    /// RFC 7519, 4.1.3: a token that is meant for somebody is for nobody else, nor for a server that has no name.
    private static func check(audience: Value?, _ rules: TokenRules) throws(TokenError) {
        var names: [String] = []
        switch audience {
        case nil: break
        case .string(let name)?: names = [name]
        case .list(let list)?:
            for element in list {
                guard let name = element.string else {
                    throw TokenError(.claim, "\"aud\" must be a string or a list of strings")
                }
                names.append(name)
            }
        default: throw TokenError(.claim, "\"aud\" must be a string or a list of strings")
        }
        if audience == nil, rules.audiences.isEmpty { return }
        guard names.contains(where: { name in rules.audiences.contains { $0.hasSameBytes(as: name) } }) else {
            throw TokenError(
                .audience,
                rules.audiences.isEmpty
                    ? "the token is meant for another audience (\"aud\"); this server has none: set --auth-audience"
                    : "the token is not meant for this server (\"aud\")")
        }
    }

    private static func optionalString(_ payload: Object, _ name: String) throws(TokenError) -> String? {
        switch payload[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw TokenError(.claim, "\"\(name)\" must be a string")
        }
    }

    private static func words(_ value: Value?, _ name: String) throws(TokenError) -> [String]? {
        switch value {
        case nil, .null?: return nil
        case .string(let word)?: return [word]
        case .list(let list)?:
            var words: [String] = []
            for element in list {
                guard let word = element.string else {
                    throw TokenError(.claim, "\"\(name)\" must be a list of strings")
                }
                words.append(word)
            }
            return words
        default: throw TokenError(.claim, "\"\(name)\" must be a list of strings")
        }
    }

    /// `["team-*", "lobby"]` gives `join` and `send` in each; `{"team-*": ["join"], "lobby": "send:say"}` what it says.
    private static func grants(_ value: Value?) throws(TokenError) -> [RoomGrant] {
        switch value {
        case nil, .null?: return []
        case .string(let pattern)?: return [RoomGrant(pattern, ["join", "send"])]
        case .list(let list)?:
            var grants: [RoomGrant] = []
            for element in list {
                guard let pattern = element.string else { throw wrongRooms }
                grants.append(RoomGrant(pattern, ["join", "send"]))
            }
            return grants
        case .object(let object)?:
            var grants: [RoomGrant] = []
            for (pattern, rights) in object {
                grants.append(RoomGrant(pattern, try words(rights, "rooms") ?? []))
            }
            return grants
        default: throw wrongRooms
        }
    }

    private static var wrongRooms: TokenError {
        TokenError(.claim, "\"rooms\" must be a list of patterns, or an object of patterns with lists of rights")
    }
}
