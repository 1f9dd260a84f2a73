/// A handler as a recipe declares it.
package struct HandlerDeclaration: Sendable {
    /// Who may send the event.
    package enum Allow: Sendable, Hashable {
        case anyone
        /// Who has one of these roles. Every participant has the role `member`.
        case roles([String])
        case function(FunctionSlot)
    }

    /// What happens to a run that met a conflict.
    package enum OnConflict: Sendable, Hashable {
        case retry
        case reject
        /// Runs in place of `run` from the second run on.
        case function(FunctionSlot)
    }

    /// At most `events` in `seconds`, per participant. Counted by the room.
    package struct Rate: Sendable, Hashable {
        package var events: Int
        package var seconds: Double
    }

    /// Runs of one event, conflicts included, when the recipe does not say.
    package static let maxRunsDefault = 8

    package var name: String
    /// Nil: any data.
    package var data: CellType?
    package var allow: Allow
    package var rate: Rate?
    package var maxRuns: Int
    package var onConflict: OnConflict
    package var run: FunctionSlot
}
