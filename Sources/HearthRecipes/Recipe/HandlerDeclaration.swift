/// A handler as a recipe declares it. A class, so that looking one up copies a reference.
package final class HandlerDeclaration: Sendable {
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

    package let name: String
    /// Nil: any data.
    package let data: CellType?
    package let allow: Allow
    package let rate: Rate?
    package let maxRuns: Int
    package let onConflict: OnConflict
    package let run: FunctionSlot

    init(
        name: String, data: CellType?, allow: Allow, rate: Rate?, maxRuns: Int, onConflict: OnConflict,
        run: FunctionSlot
    ) {
        self.name = name
        self.data = data
        self.allow = allow
        self.rate = rate
        self.maxRuns = maxRuns
        self.onConflict = onConflict
        self.run = run
    }
}
