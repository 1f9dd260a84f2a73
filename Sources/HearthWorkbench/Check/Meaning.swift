import HearthLuaSyntax
import HearthRecipes

/// What an expression stands for, as far as can be told without running it.
enum Meaning {
    /// Not looked at yet, or anything.
    case unknown
    /// The first argument of a handler.
    case cells
    case context
    case participant
    /// `ctx.conflict`
    case conflict
    /// A cell, or something inside one: "cells.messages[…].author".
    case part(String, CellType)
    /// A family of `:many()` cells.
    case many(String, CellType)
    /// A derived cell, or something inside it.
    case derived
    /// A plain table or value of a declared type.
    case plain(String, CellType)
    /// What a module of the recipe returns.
    case module(String)
    /// A table made when the recipe loads: read-only afterwards. By its local.
    case loaded(String)
    case function(FunctionKey)
    case number
    case text

    /// Equal keys, equal meanings.
    var key: String {
        switch self {
        case .unknown: "?"
        case .cells: "cells"
        case .context: "ctx"
        case .participant: "participant"
        case .conflict: "conflict"
        case .part(let path, _): "part " + path
        case .many(let name, _): "many " + name
        case .derived: "derived"
        case .plain(let path, _): "plain " + path
        case .module(let file): "module " + file
        case .loaded(let name): "loaded " + name
        case .function(let key): "function \(key.file) \(key.id)"
        case .number: "number"
        case .text: "text"
        }
    }
}

/// A function of the recipe: its file and its place there.
struct FunctionKey: Hashable {
    var file: Int
    var id: Int
}

/// Why a function runs.
enum Root: Hashable {
    case handler, allow, lifecycle, watch, derived, merge

    init(slot: String) {
        if slot.hasPrefix("on.") {
            self = .lifecycle
        } else if slot.hasPrefix("derived.") {
            self = .derived
        } else if slot.hasSuffix(":merge") {
            self = .merge
        } else if slot.hasSuffix(".allow") {
            self = .allow
        } else {
            self = slot.hasPrefix("watch.") ? .watch : .handler
        }
    }

    var cannotWait: String? {
        switch self {
        case .lifecycle: "a function under `on`"
        case .allow: "`allow`"
        case .derived: "a derived function"
        case .merge: "a merge function"
        case .handler, .watch: nil
        }
    }
}
