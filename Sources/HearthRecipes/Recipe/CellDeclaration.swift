package import HearthTransactions
package import HearthValues

/// A cell as a recipe declares it.
package struct CellDeclaration: Sendable {
    package enum Scope: Sendable, Hashable {
        /// One for the room: `NAME`.
        case room
        /// One per participant: `NAME@SESSION`.
        case session
        /// One per identity: `NAME@u:USER`.
        case user
        /// Made on demand: `NAME.KEY`, collected when nothing links to it.
        case many
    }

    package var name: String
    package var type: CellType
    package var scope: Scope
    /// Not stored, no `seq`; its owner may write it directly.
    package var isEphemeral: Bool
    /// Sent to its owner only.
    package var isPrivate: Bool
    /// Sent only to participants with this role.
    package var readRole: String?
    /// `.custom` names a function by the index of its slot; ``RecipeRuntime/merge(_:base:mine:theirs:)`` runs it.
    package var merge: MergePolicy

    /// What the cell holds before anything is written to it; null where the type has no such value.
    package var initial: Value { type.initial ?? .null }

    /// The id of the one that belongs to a participant.
    /// - Returns: nil for `.many`, and for a participant's cell when there is no participant.
    package func id(for participant: Participant?) -> String? {
        switch scope {
        case .room: name
        case .session: participant.map { CellID.session(name, $0.session) }
        case .user: participant.map { CellID.user(name, $0.id) }
        case .many: nil
        }
    }
}
