import HearthTransactions
import HearthValues

extension DeclarationReader {
    mutating func readCells(_ noted: Noted) {
        if noted.isAbsent { return }
        let section = place(assigning: "cells", after: root)
        guard noted.typeKind == nil, let cells = noted.table else {
            report("cells: \(noted.title), expected a table: cells = { title = t.string {} }", at: section)
            return
        }
        for name in cells.keys.sorted() {
            let cell = cells[name] ?? .absent
            let place = place(of: cell, within: place(assigning: name, after: section))
            checkName(name, of: "cell", at: place)
            let type = readBareType(cell, path: "cells.\(name)", at: place)
            draft.cells[name] = readModifiers(cell["modifiers"].list ?? [], of: name, type, at: place)
        }
        checkLinks()
    }

    private mutating func readModifiers(
        _ modifiers: [Noted], of name: String, _ type: CellType, at outer: Place
    ) -> CellDeclaration {
        var cell = CellDeclaration(
            name: name, type: type, scope: .room, isEphemeral: false, isPrivate: false, readRole: nil, merge: .conflict)
        for modifier in modifiers {
            let place = place(of: modifier, within: outer)
            let argument = modifier["argument"]
            switch modifier["name"].string ?? "" {
            case "per": readScope(argument, into: &cell, at: place)
            case "many": cell.scope = .many
            case "ephemeral": cell.isEphemeral = true
            case "private": cell.isPrivate = true
            case "read":
                if let role = argument.string, !role.isEmpty {
                    cell.readRole = role
                } else {
                    report("cells.\(name): :read takes a role: :read \"admin\"", at: place)
                }
            default: readMerge(argument, into: &cell, at: place)
            }
        }
        if cell.isPrivate, cell.scope != .session, cell.scope != .user {
            report("cells.\(name): :private() needs an owner: add :per \"session\" or :per \"user\"", at: outer)
        }
        if cell.isEphemeral, cell.scope == .many {
            report("cells.\(name): :ephemeral() and :many() do not go together", at: outer)
        }
        return cell
    }

    private mutating func readScope(_ argument: Noted, into cell: inout CellDeclaration, at place: Place) {
        switch argument.string {
        case "session": cell.scope = .session
        case "user": cell.scope = .user
        default: report("cells.\(cell.name): :per takes \"session\" or \"user\", not \(argument.title)", at: place)
        }
    }

    private mutating func readMerge(_ argument: Noted, into cell: inout CellDeclaration, at place: Place) {
        switch argument {
        case .string("last-write"): cell.merge = .lastWrite
        case .string("max"): cell.merge = .max
        case .function(let handle): cell.merge = .custom(slot(handle, named: "cells.\(cell.name):merge").index)
        default:
            report(
                "cells.\(cell.name): :merge takes \"last-write\", \"max\" or a function(base, mine, theirs),"
                    + " not \(argument.title)", at: place)
        }
    }

    /// `t.link "user"` must name a cell that is declared; known only once all cells are read.
    mutating func checkLinks() {
        for (name, path, place) in linked where draft.cells[name] == nil {
            report(
                "\(path): t.link names the cell \(name), which is not declared\(hint(name, draft.cells.keys))",
                at: place)
        }
        linked = []
    }

    /// ", did you mean user?" or nothing.
    func hint(_ name: String, _ known: some Collection<String>) -> String {
        Spelling.nearest(to: name, among: Array(known)).map { ", did you mean \($0)?" } ?? ""
    }
}
