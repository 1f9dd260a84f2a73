import HearthIdentity
import HearthRooms
import HearthValues

/// What one socket may do in its room: nothing until a token has been shown, and only for as long as that is good.
/// Lives on the socket's loop.
final class RoomPass {
    private let doorkeeper: Doorkeeper
    private let room: String
    private var credential: Credential?
    private var rights = RoomRights()

    /// - Parameter credential: what came with the upgrade; nil when the token is to come with `join`.
    init(_ doorkeeper: Doorkeeper, room: String, credential: Credential?) {
        self.doorkeeper = doorkeeper
        self.room = room
        if let credential { take(credential) }
    }

    private func take(_ credential: Credential) {
        self.credential = credential
        rights = credential.claims.rights(in: room)
    }

    /// When it runs out, in milliseconds since 1970; nil for never.
    var deadline: Int64? { credential.flatMap { doorkeeper.deadline(of: $0) } }

    /// Who joins. A token in `join` takes the place of one that came with the upgrade.
    ///
    /// - Throws: 401 without a good token, 403 when it is another user's or gives no right to enter.
    func join(_ token: String?) throws(Refusal) -> Identity {
        if let token { return try renew(token) }
        guard credential != nil else {
            throw .unauthenticated(
                "this server wants a token: in the field \"token\" of join, as the subprotocol bearer.TOKEN, "
                    + "or as Authorization: Bearer TOKEN")
        }
        return try identity()
    }

    /// Takes a fresh token.
    ///
    /// - Throws: as `join`.
    func renew(_ token: String) throws(Refusal) -> Identity {
        let fresh = try doorkeeper.credential(of: token)
        if let credential, !credential.claims.subject.hasSameBytes(as: fresh.claims.subject) {
            throw .forbidden("the fresh token is another user's; open another socket for it")
        }
        take(fresh)
        return try identity()
    }

    private func identity() throws(Refusal) -> Identity {
        try check()
        guard let claims = credential?.claims, rights.join else { throw .mayNot("enter", room, right: "join") }
        return Identity(user: claims.subject, name: claims.name, roles: claims.roles)
    }

    /// Is the credential still good?
    ///
    /// - Throws: 401 when it has run out, or its key was taken back.
    func check() throws(Refusal) {
        guard let credential else { throw .tokenNeeded }
        if let deadline, WallClock.nowMs() >= deadline { throw .unauthenticated("the token has expired") }
        self.credential = try doorkeeper.renewed(credential)
    }

    func maySend(_ handler: String) -> Bool { rights.maySend(handler) }
    var maySet: Bool { rights.set }
}
