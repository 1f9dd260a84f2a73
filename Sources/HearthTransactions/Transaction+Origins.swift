import HearthCells
import HearthValues

/// Where things that the handler saw in its working copy were in the basis.
///
/// Other commits speak of places in the basis. The handler's own inserts and removals have moved elements since, and
/// what it wrote itself does not depend on the basis at all.
extension Transaction {
    /// The place in the basis of `path` as it was seen after the first `count` writes; nil when the handler itself had
    /// written it.
    func origin(of path: Path, after count: Int) -> Path? {
        var path = path
        for intent in intents.prefix(count).reversed() {
            // What an increment left still depends on what was there.
            if case .increment = intent.write { continue }
            guard let change = intent.change else { continue }
            guard let earlier = change.origin(of: path) else { return nil }
            path = earlier
        }
        return path
    }

    /// What was read of the basis; nil when it was the handler's own.
    func origin(of record: ReadRecord) -> Read? {
        if record.intentsBefore == 0 { return record.read }
        return origin(of: record.read.path, after: Int(record.intentsBefore)).map { Read($0, record.read.aspect) }
    }
}

extension Change {
    /// Where `path` was before this change; nil when the change itself put there what is there now.
    func origin(of path: Path) -> Path? {
        let place = self.path
        guard place.isPrefix(of: path) else { return path }
        let depth = place.steps.count
        switch self {
        case .created, .replaced, .removed: return nil
        case .pushed(_, let first, let values):
            return shifted(path, depth) { $0 < first ? $0 : $0 < first + values.count ? nil : $0 - values.count }
        case .inserted(_, let first, _):
            return shifted(path, depth) { $0 < first ? $0 : $0 == first ? nil : $0 - 1 }
        case .removedElement(_, let first):
            return shifted(path, depth) { $0 < first ? $0 : $0 + 1 }
        }
    }

    private func shifted(_ path: Path, _ depth: Int, _ move: (Int) -> Int?) -> Path? {
        guard depth < path.steps.count, case .index(let index) = path.steps[depth] else { return path }
        guard let moved = move(index) else { return nil }
        var path = path
        path.steps[depth] = .index(moved)
        return path
    }
}
