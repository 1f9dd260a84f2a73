import HearthValues

/// A recipe that was read and found sound: what its rooms are made of. Immutable, and free of any VM: functions are
/// named by their ``FunctionSlot``, which every VM that loads the same sources fills with its own.
package final class Recipe: Sendable {
    package let name: String
    package let version: Int64
    package let about: String
    /// Changes whenever a byte of the sources changes. Tells versions apart; no proof against an attacker.
    package let hash: String
    package let cells: [String: CellDeclaration]
    package let derived: [DerivedDeclaration]
    package let handlers: [String: HandlerDeclaration]
    /// Whether some handler declares how often it may run.
    package let hasRates: Bool
    package let lifecycle: Lifecycle
    package let watches: [WatchDeclaration]
    package let messages: [String: FunctionSlot]
    package let every: [EveryDeclaration]
    package let parties: [String]
    /// The sources, for messages that quote a line.
    package let files: [SourceFile]
    /// Every function of the declaration; a slot's `index` is its place here.
    package let slots: [FunctionSlot]

    init(_ draft: RecipeDraft, hash: String, files: [SourceFile]) {
        name = draft.name
        version = draft.version
        about = draft.about
        cells = draft.cells
        derived = draft.derived
        handlers = draft.handlers
        hasRates = draft.handlers.values.contains { $0.rate != nil }
        lifecycle = draft.lifecycle
        watches = draft.watches
        messages = draft.messages
        every = draft.every
        parties = draft.parties
        slots = draft.slots
        self.hash = hash
        self.files = files
    }

    package var hasCreate: Bool { lifecycle.create != nil }
    package var hasJoin: Bool { lifecycle.join != nil }
    package var hasLeave: Bool { lifecycle.leave != nil }
    package var hasIdle: Bool { lifecycle.idle != nil }
    package var hasMigrate: Bool { lifecycle.migrate != nil }

    package var derivedNames: [String] { derived.map(\.name) }

    /// The declaration behind a cell id (`user@s1` → `user`); nil for derived cells and for names that are not declared.
    package func declaration(ofCell id: String) -> CellDeclaration? {
        cells[String(CellID.name(of: id))]
    }
}

/// What is gathered while a declaration is read; becomes a ``Recipe`` when nothing was wrong.
struct RecipeDraft {
    var name = ""
    var version: Int64 = 1
    var about = ""
    var cells: [String: CellDeclaration] = [:]
    var derived: [DerivedDeclaration] = []
    var handlers: [String: HandlerDeclaration] = [:]
    var lifecycle = Lifecycle()
    var watches: [WatchDeclaration] = []
    var messages: [String: FunctionSlot] = [:]
    var every: [EveryDeclaration] = []
    var parties: [String] = []
    var slots: [FunctionSlot] = []
}

/// A function of a recipe, by its place in the declaration: the same in every VM.
package struct FunctionSlot: Sendable, Hashable {
    let index: Int
    /// "handlers.send": how messages call it.
    package let name: String

    /// "send" of "handlers.send"; other functions keep their whole name ("on.join", "watch.total").
    var handlerName: String {
        name.hasPrefix("handlers.") ? String(name.dropFirst("handlers.".utf8.count)) : name
    }
}

/// The functions under `on`.
package struct Lifecycle: Sendable {
    package var create: FunctionSlot?
    package var join: FunctionSlot?
    package var leave: FunctionSlot?
    package var idle: FunctionSlot?
    package var migrate: FunctionSlot?
}

package struct WatchDeclaration: Sendable {
    package var cell: String
    package var run: FunctionSlot
}

/// `every = { {seconds, "handler"} }`.
package struct EveryDeclaration: Sendable, Hashable {
    package var seconds: Double
    package var handler: String
}
