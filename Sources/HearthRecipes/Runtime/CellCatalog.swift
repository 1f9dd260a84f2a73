import HearthLua
import HearthValues

/// A recipe's cells by name, as runs look them up: arrays with places instead of dictionaries.
struct CellCatalog {
    /// A class, so that looking one up copies a reference.
    final class Entry {
        enum Source {
            /// In the room's stored state.
            case stored
            /// Beside it: not stored, no `seq`.
            case ephemeral
            case derived
        }

        let name: String
        let source: Source
        let scope: CellDeclaration.Scope
        let type: CellType
        /// What a cell that was never written holds; nil: it reads as absent.
        let initial: Value?
        /// Place in the recipe's watches, if the cell is watched.
        let watch: Int?
        /// Of a list, map or object that is never absent, as what it begins with stands in for it: what it is to Lua in every
        /// run. No link can lead elsewhere from there, and that it is there is nothing that a commit could change.
        let lasting: NodeKind?

        init(name: String, source: Source, scope: CellDeclaration.Scope, type: CellType, initial: Value?, watch: Int?) {
            self.name = name
            self.source = source
            self.scope = scope
            self.type = type
            self.initial = initial
            self.watch = watch
            lasting = source == .stored && scope != .many && initial != nil ? type.container : nil
        }
    }

    let entries: [Entry]
    let hasWatches: Bool
    private let places: [String: Int]

    init(_ recipe: Recipe) {
        var entries = recipe.cells.values.map { cell in
            Entry(
                name: cell.name, source: cell.isEphemeral ? .ephemeral : .stored, scope: cell.scope, type: cell.type,
                initial: cell.type.initial, watch: recipe.watches.firstIndex { $0.cell == cell.name })
        }
        entries += recipe.derived.map {
            Entry(name: $0.name, source: .derived, scope: .room, type: .any, initial: nil, watch: nil)
        }
        entries.sort { $0.name < $1.name }
        self.entries = entries
        hasWatches = !recipe.watches.isEmpty
        places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    }

    /// - Complexity: linear for up to eight cells, else constant.
    func place(of name: String) -> Int? {
        if entries.count > 8 { return places[name] }
        for place in entries.indices where entries[place].name.isSameString(as: name) { return place }
        for place in entries.indices where entries[place].name == name { return place }
        return nil
    }

    /// The same by the bytes of the name; nil where looking through the names costs more than making a text.
    func place(ofBytes name: UnsafeRawBufferPointer) -> Int? {
        if entries.count > 8 { return nil }
        for place in entries.indices where name.isSame(as: entries[place].name) { return place }
        return nil
    }

    /// The entry behind a cell's id (`user@s1` → `user`).
    func entry(ofCell id: String) -> Entry? {
        if let place = place(of: id) { return entries[place] }
        return place(of: String(CellID.name(of: id))).map { entries[$0] }
    }

    /// What may stand at a path; nil when nothing may, or there is no such cell.
    func type(at path: Path) -> CellType? {
        guard var type = entry(ofCell: path.cell)?.type else { return nil }
        for step in path.steps {
            guard let inner = type.type(at: step) else { return nil }
            type = inner
        }
        return type
    }

    func unknown(_ name: String) -> RunError {
        let names = entries.map(\.name)
        let hint =
            Spelling.nearest(to: name, among: names).map { "did you mean \($0)?" }
            ?? (names.isEmpty ? "the recipe declares none" : "cells are \(names.joined(separator: ", "))")
        return RunError("no cell is called \(name), \(hint)")
    }
}

/// What a host operation refuses; becomes a Lua error at the caller's line.
struct RunError: Error {
    var message: String
    /// A protocol code other than `handler_failed`.
    var code: String?
    /// Whether the recipe's `pcall` must not catch it.
    var isFinal: Bool { code == "budget_exceeded" || code == Self.wait }
    /// Not an error: the run ends here until a wait is over.
    static let wait = "wait"

    init(_ message: String, code: String? = nil) {
        self.message = message
        self.code = code
    }

    init(_ error: SchemaError) {
        self.init(error.message)
    }
}
