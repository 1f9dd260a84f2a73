/// Who is in a room: one session, with the identity that its credentials gave it.
package struct Participant: Sendable, Hashable {
    /// The user's id, or the session's for an anonymous participant.
    package var id: String
    package var name: String?
    package var roles: [String]
    package var session: String

    package init(id: String, name: String? = nil, roles: [String] = [], session: String) {
        self.id = id
        self.name = name
        self.roles = roles
        self.session = session
    }
}
