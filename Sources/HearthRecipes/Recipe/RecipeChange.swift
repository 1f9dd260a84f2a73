import HearthValues

/// What differs between two versions of a recipe, as far as rooms that ran the one and are to run the other must know.
package struct RecipeChange: Sendable {
    /// Names of stored cells that are new, or whose type or scope is another: what they hold must be looked at.
    package var cells: Set<String> = []
    /// What its author may have forgotten; the recipe can run all the same.
    package var warnings: [RecipeProblem] = []

    package init(from old: Recipe, to new: Recipe) {
        for (name, declaration) in new.cells where !declaration.isEphemeral {
            guard let before = old.cells[name], declaration.holdsTheSame(as: before) else {
                cells.insert(name)
                continue
            }
        }
        let lines = SourceLines(new.files)
        let main = new.files.first?.path ?? "recipe.lua"
        func warn(_ message: String, near name: String) {
            let line = lines.line(assigning: name, file: main, from: 1)
            let source = line.flatMap { lines.text(file: main, line: $0) }
            warnings.append(RecipeProblem(file: main, line: line, message: message, source: source))
        }
        if new.version < old.version {
            warn(
                "version is \(new.version) and was \(old.version): cells stay as they are, on.migrate does not run",
                near: "version")
        } else if new.version == old.version, let names = namesThatChanged(old, new) {
            warn(
                "\(names) changed and version is still \(new.version): raise it and say in on.migrate what becomes of "
                    + "what is there",
                near: "version")
        } else if new.version > old.version, !new.hasMigrate, let names = namesThatChanged(old, new) {
            warn(
                "version rose to \(new.version), \(names) changed, and there is no on.migrate: cells stay as they are",
                near: "version")
        }
    }

    /// Cells that were there before and are gone or different; new ones need no migration.
    private func namesThatChanged(_ old: Recipe, _ new: Recipe) -> String? {
        let changed = old.cells.values.filter { cell in
            !cell.isEphemeral && (new.cells[cell.name].map { cells.contains($0.name) } ?? true)
        }.map(\.name).sorted()
        return changed.isEmpty ? nil : "cells.\(changed.joined(separator: ", cells."))"
    }
}

extension CellDeclaration {
    fileprivate func holdsTheSame(as other: CellDeclaration) -> Bool {
        scope == other.scope && isEphemeral == other.isEphemeral && type.isOptional == other.type.isOptional
            && type.jsonSchema == other.type.jsonSchema
    }
}

extension Recipe {
    /// Where a cell is declared, with the text of the line; nil when that cannot be found.
    package func place(ofCell name: String) -> (place: SourcePlace, source: String)? {
        let lines = SourceLines(files)
        guard let main = files.first?.path else { return nil }
        let start = lines.line(assigning: "cells", file: main, from: 1) ?? 1
        guard let line = lines.line(assigning: name, file: main, from: start),
            let text = lines.text(file: main, line: line)
        else { return nil }
        return (SourcePlace(file: main, line: line), text)
    }

    /// Whether a stored cell of this id can be one of the recipe's: declared, stored, and of an owner that its
    /// declaration gives it.
    package func holds(storedCell id: String) -> Bool {
        guard let declaration = declaration(ofCell: id), !declaration.isEphemeral else { return false }
        switch (declaration.scope, CellID.owner(of: id)) {
        case (.room, .room), (.session, .session), (.user, .user), (.many, .key): return true
        default: return false
        }
    }
}
