import HearthCells
import HearthValues

/// Where something that the handler saw in its working copy comes from.
enum Origin: Equatable {
    /// It stood there in the basis.
    case basis(Path)
    /// An element that the handler itself had pushed: where it stands depends on the length of this list in the basis.
    case pushed(onto: Path)
    /// The handler itself had written it, at a place that depends on nothing.
    case own

    /// What of the basis it depends on, when it was read with `aspect`; nil: nothing.
    func read(_ aspect: ReadAspect) -> Read? {
        switch self {
        case .basis(let path): Read(path, aspect)
        case .pushed(let list): Read(list, .length)
        case .own: nil
        }
    }
}

/// Where things that the handler saw in its working copy were in the basis.
///
/// Other commits speak of places in the basis. The handler's own inserts and removals have moved elements since, and
/// what it wrote itself does not depend on what the basis held there.
extension Transaction {
    /// The origin of what was seen at `path` after the first `count` writes.
    func origin(of path: Path, after count: Int) -> Origin {
        var path = path
        var isPushed = false
        for intent in intents.prefix(count).reversed() {
            // What an increment left still depends on what was there.
            if case .increment = intent.write { continue }
            guard let change = intent.change else { continue }
            switch changes[Int(change)].origin(of: path) {
            case .basis(let earlier): path = earlier
            case .pushed(let list): (path, isPushed) = (list, true)
            case .own: return .own
            }
        }
        return isPushed ? .pushed(onto: path) : .basis(path)
    }

    /// What was read of the basis; nil when it was the handler's own.
    func origin(of record: ReadRecord) -> Read? {
        if record.intentsBefore == 0 { return record.read }
        return origin(of: record.read.path, after: Int(record.intentsBefore)).read(record.read.aspect)
    }
}

extension Change {
    /// Where what is at `path` after this change was before it.
    func origin(of path: Path) -> Origin {
        let place = self.path
        guard place.isPrefix(of: path) else { return .basis(path) }
        let depth = place.steps.count
        switch self {
        case .created, .replaced, .removed: return .own
        case .pushed(_, let first, _):
            guard depth < path.steps.count, case .index(let index) = path.steps[depth], index >= first else {
                return .basis(path)
            }
            return .pushed(onto: place)
        case .inserted(_, let first, _):
            return shifted(path, depth) { $0 < first ? $0 : $0 == first ? nil : $0 - 1 }
        case .removedElement(_, let first):
            return shifted(path, depth) { $0 < first ? $0 : $0 + 1 }
        }
    }

    private func shifted(_ path: Path, _ depth: Int, _ move: (Int) -> Int?) -> Origin {
        guard depth < path.steps.count, case .index(let index) = path.steps[depth] else { return .basis(path) }
        guard let moved = move(index) else { return .own }
        var path = path
        path.steps[depth] = .index(moved)
        return .basis(path)
    }
}
