import HearthCells
import HearthRecipes
import HearthRooms
import HearthValues

/// What should never come of a recipe, whoever asked for it: nothing that an author has to write an assertion for.
///
/// A refusal that a recipe means (`ctx.fail`, a role, data that does not fit) is none of it; code that fails is.
extension SimulatedRoom {
    func complain(_ failure: Failure, _ who: @autoclosure () -> String) {
        guard explores, failure.isOfCode else { return }
        complain("\(who()): \(failure.message)")
    }

    /// - Parameter message: names its place as "recipe.lua:12", when it has one.
    func complain(_ message: String) {
        guard complaints.isEmpty else { return }
        var lines = [message]
        if let place = place(in: message), let source = runtime.text(at: place) { lines.append("\(place): \(source)") }
        complaints = lines
    }

    func complain(of entry: RoomLogEntry) {
        guard explores, entry.level == .warning || entry.level == .error else { return }
        let fields = Dictionary(entry.fields, uniquingKeysWith: { first, _ in first })
        guard fields["code"] == "handler_failed", let cause = fields["cause"] else { return }
        // "on.leave: recipe.lua:12: attempt to …"
        let parts = cause.split(separator: ": ", maxSplits: 1)
        let who = fields["session"].map { " of \(label(of: $0))" } ?? ""
        complain("\(parts.first ?? "")\(who) failed, and nobody is told: \(parts.last ?? "")")
    }

    /// The first place of the recipe that a text names.
    private func place(in text: String) -> SourcePlace? {
        for file in recipe.files {
            guard let found = text.firstRange(of: file.path + ":") else { continue }
            let digits = text[found.upperBound...].prefix { $0.isNumber }
            if let line = Int(digits) { return SourcePlace(file: file.path, line: line) }
        }
        return nil
    }

    /// - Parameter looking: whether the cells and the merge functions are looked at too, and not only what has failed.
    /// - Returns: the first thing that no recipe should do, in plain lines; empty when there was none.
    package func complaints(looking: Bool) -> [String] {
        if explores, looking, complaints.isEmpty { complainOfLostLinks() }
        if explores, looking, complaints.isEmpty { complainOfMerges() }
        return complaints
    }

    // MARK: - Who wrote what

    /// Takes note of the lines that wrote, until the commit that they lead to is told.
    func watchRuns() {
        runtime.observer = { [unowned self] run in
            switch run.outcome {
            case .success: writers[run.invocation.seed] = run.writes
            case .waiting: waitsAt[run.invocation.seed] = run.waitsAt
            case .failure, .lost: break
            }
        }
    }

    /// The lines behind a commit, as they stand in the story under it.
    func quote(_ places: some Sequence<SourcePlace>) {
        var seen: Set<SourcePlace> = []
        for place in places where seen.insert(place).inserted {
            note("    \(place)" + (runtime.text(at: place).map { ": \($0)" } ?? ""))
        }
    }

    // MARK: - Links to nothing

    /// The first link that leads to a cell, or an element, that somebody has deleted, unless it is declared optional.
    func complainOfLostLinks() {
        let cells = self.cells
        for (id, value) in cells.sorted(by: { $0.key < $1.key }) {
            guard let declaration = recipe.declaration(ofCell: id), !declaration.isEphemeral,
                let lost = lostLink(in: value, declaration.type, at: id, cells)
            else { continue }
            var message = "\(lost.path) links to \(lost.target), which is not there any more: it reads as nil"
            if let deletion = deletions[lost.cell] {
                message += "; \(deletion.who) deleted it"
                if let place = deletion.place { message += " (\(place))" }
            }
            return complain(message + ". Take the link out too, or declare it t.optional(t.link …)")
        }
    }

    private func lostLink(
        in value: Value, _ type: CellType, at path: String, _ cells: Object
    ) -> (path: String, target: String, cell: String)? {
        switch value {
        case .link(let link):
            guard !type.isOptional, case .link = type else { return nil }
            let found = Path(to: link, in: { cells[$0] }).resolved { cells[$0] }.value
            if let found, !found.isNull { return nil }
            return (path, link.cell + link.pointer.description, link.cell)
        case .list(let list):
            for (index, item) in list.enumerated() {
                guard let inner = type.type(at: .index(index)) else { continue }
                if let lost = lostLink(in: item, inner, at: "\(path)[\(index + 1)]", cells) { return lost }
            }
        case .object(let object):
            for (key, item) in object {
                guard let inner = type.type(at: .key(key)) else { continue }
                if let lost = lostLink(in: item, inner, at: "\(path).\(key)", cells) { return lost }
            }
        default: break
        }
        return nil
    }
}

/// Who deleted a cell, and which line.
struct Deletion {
    var who: String
    var place: SourcePlace?
}

extension Failure {
    /// The handler that failed.
    var title: String { details.object?["handler"]?.string.map { "`\($0)`" } ?? "an event" }

    /// Whether the recipe's code is to blame, and not who asked, nor what became of them.
    var isOfCode: Bool {
        guard code == "handler_failed" else { return false }
        return details.object?["binding"] == nil
    }
}
