import HearthIdentity

/// Who makes an HTTP request, as far as the server knows.
enum Caller: Sendable {
    /// The server asks nobody for a token.
    ///
    /// - Parameter isLocal: whether the request comes from the server's own machine.
    case anyone(isLocal: Bool)
    /// The server asks for tokens, and this request has none.
    case nobody
    case bearer(Claims)

    /// What is wanted of a room, and the right that it takes.
    enum Wish {
        case read, make, delete
        /// Change its cells past all handlers.
        case change
        case run(handler: String)
    }

    /// - Throws: 401 without a token, 403 without the right.
    func require(_ wish: Wish, in room: String) throws(Refusal) {
        guard let claims = try claims() else { return }
        let rights = claims.rights(in: room)
        switch wish {
        case .read: if !rights.join { throw .mayNot("read", room, right: "join") }
        case .make: if !rights.manage { throw .mayNot("make", room, right: "manage") }
        case .delete: if !rights.manage { throw .mayNot("delete", room, right: "manage") }
        case .change: if !rights.call { throw .mayNot("change", room, right: "call") }
        case .run(let handler):
            if !rights.call, !rights.maySend(handler) {
                throw .mayNot("run \"\(handler)\" in", room, right: "send:\(handler)")
            }
        }
    }

    /// Whether handlers run for this caller as for the server itself, past `allow`.
    func isTrusted(in room: String) -> Bool {
        switch self {
        case .anyone: true
        case .nobody: false
        case .bearer(let claims): claims.rights(in: room).call
        }
    }

    func maySee(_ room: String) -> Bool {
        switch self {
        case .anyone: true
        case .nobody: false
        case .bearer(let claims): claims.rights(in: room).join
        }
    }

    /// An idempotency key belongs to whoever made it up.
    func own(_ key: String) -> String {
        guard case .bearer(let claims) = self else { return key }
        return "\(claims.subject.utf8.count):\(claims.subject):\(key)"
    }

    /// For whoever runs the server.
    ///
    /// - Throws: 403 unless the token has the role `operator`, or, where nobody is asked for one, the request comes from
    ///   the server's own machine.
    func requireOperator() throws(Refusal) {
        if case .anyone(isLocal: false) = self {
            throw .forbidden(
                "this is for whoever runs the server: ask from the machine itself, or give the server keys for tokens "
                    + "(--auth-key and its like) and bring one with the role \"operator\"")
        }
        try require(role: "operator")
    }

    /// - Throws: 403 unless the token has the role.
    func require(role: String) throws(Refusal) {
        guard let claims = try claims(), !claims.roles.contains(role) else { return }
        throw .forbidden("this needs a token with the role \"\(role)\"")
    }

    private func claims() throws(Refusal) -> Claims? {
        switch self {
        case .anyone: nil
        case .nobody: throw .tokenNeeded
        case .bearer(let claims): claims
        }
    }
}
