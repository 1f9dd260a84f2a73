import HearthRecipes
import HearthValues

/// Who a participant is by its token, when it comes back and when it shows a fresh one.
extension RoomMachine {
    /// A session's secret is worth nothing without being its user: it does not outlive the token.
    func isOwner(_ identity: Identity?, of session: Session) -> Bool {
        if session.participant.isAnonymous { return identity == nil }
        return identity?.user.hasSameBytes(as: session.participant.id) == true
    }

    /// Takes over name and roles.
    /// - Returns: whether the participant may now see other cells than before.
    func adopt(_ identity: Identity, by session: Session) -> Bool {
        let before = session.participant
        session.participant = Participant(
            id: before.id, name: identity.name.map { String($0.prefix(limits.nameMax)) } ?? before.name,
            roles: identity.roles, session: before.session)
        guard session.participant != before else { return false }
        session.isOnRecord = false
        save(session)
        participantsCache = nil
        return visibility.viewer(for: before) != visibility.viewer(for: session.participant)
    }

    func runIdentify(_ connection: ConnectionID, _ identity: Identity) {
        guard let session = byConnection[connection], isOwner(identity, of: session) else { return }
        if adopt(identity, by: session) { gathering.hold(.moved(connection)) }
    }

    /// Shows a connection all that its participant may see now, if that has changed.
    func move(_ connection: ConnectionID) {
        guard let session = byConnection[connection], let old = session.audience else { return }
        guard visibility.viewer(for: session.participant) != old.key.viewer else { return }
        flushEphemeral()
        session.sightSeq = durable.seq
        regroup(session, connection, from: old)
        sendSync(to: connection)
    }

    /// Puts a connection among those that ask for the same and see the same as it does now.
    func regroup(_ session: Session, _ connection: ConnectionID, from old: Audience) {
        var key = old.key
        key.viewer = visibility.viewer(for: session.participant)
        old.attached -= 1
        let audience = enter(session, key)
        audience.attached += 1
        outputs.append(.moved(connection, from: old, to: audience))
    }
}

extension Failure {
    static let otherUser = Failure(
        code: "forbidden", message: "the session to be resumed belongs to another user", retryable: false)
}
