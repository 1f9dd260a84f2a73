/// Who is in a room: one session, with the identity that its credentials gave it. A class, as every event carries one
/// along; equal when the fields are.
package final class Participant: Sendable {
    /// The user's id, or the session's for an anonymous participant.
    package let id: String
    package let name: String?
    package let roles: [String]
    package let session: String

    package init(id: String, name: String? = nil, roles: [String] = [], session: String) {
        self.id = id
        self.name = name
        self.roles = roles
        self.session = session
    }
}

extension Participant: Hashable {
    package static func == (left: Participant, right: Participant) -> Bool {
        left === right
            || left.id == right.id && left.name == right.name && left.roles == right.roles
                && left.session == right.session
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(session)
    }
}
