/// What a token says of whoever shows it, once it is believed.
package struct Claims: Sendable, Hashable {
    /// The user's id.
    package let subject: String
    package let name: String?
    package let roles: [String]
    /// Rights by patterns of rooms; where several match, they add up.
    package let grants: [RoomGrant]
    /// Seconds since 1970; nil for a token that does not run out.
    package let expiresAt: Double?

    /// What the token allows in a room; nothing where no pattern matches.
    package func rights(in room: String) -> RoomRights {
        var rights = RoomRights()
        for grant in grants where grant.pattern.matches(room) { rights.formUnion(grant.rights) }
        return rights
    }
}
