import HearthCells
import HearthValues

/// How a write and a newer commit's change get into each other's way.
enum Clash {
    case none
    /// Both changed the same thing.
    case overlap
    /// The write names a list element by an index that names another element now, or none.
    case moved
}

extension Intent {
    /// Compares this write, at `place` in the basis, with a newer change. Writes that commute do not clash: pushes,
    /// increments, inserts in front of each other, and whatever is in different places.
    func clash(at place: Path, with change: Change) -> Clash {
        if change.moves(place) { return .moved }
        let other = change.path
        switch write {
        case .set, .remove:
            switch change {
            case .created, .replaced, .removed: return place.overlaps(other) ? .overlap : .none
            case .pushed, .inserted, .removedElement: return place.isPrefix(of: other) ? .overlap : .none
            }
        case .push, .increment:
            if case .removed = change, other.isPrefix(of: place) { return .overlap }
            return .none
        case .insert(_, let index, _):
            switch change {
            case .removed, .replaced, .created: return other.isPrefix(of: place) ? .overlap : .none
            case .inserted(_, let first, _), .removedElement(_, let first):
                return other == place && first < index ? .moved : .none
            case .pushed: return .none
            }
        }
    }

    /// The places that links to list elements name in what is written: the elements must still stand there.
    var linkedElements: [Path] {
        var found: [Path] = []
        switch write {
        case .set(_, let value), .insert(_, _, let value): value.collectLinkedElements(into: &found)
        case .push(_, let values): for value in values { value.collectLinkedElements(into: &found) }
        case .remove, .increment: break
        }
        return found
    }
}

extension Change {
    /// Whether an index on the way of `place` names another element after this change.
    func moves(_ place: Path) -> Bool {
        switch self {
        case .created, .replaced, .removed, .pushed: return false
        case .inserted(let list, let first, _), .removedElement(let list, let first):
            guard place.steps.count > list.steps.count, list.isPrefix(of: place),
                case .index(let index) = place.steps[list.steps.count]
            else { return false }
            return index >= first
        }
    }
}

extension Value {
    fileprivate func collectLinkedElements(into found: inout [Path]) {
        switch self {
        case .link(let link):
            let steps = link.pointer.tokens.map { token in Pointer.index(token).map(Step.index) ?? .key(token) }
            let isElement = steps.contains { if case .index = $0 { true } else { false } }
            if isElement { found.append(Path(cell: link.cell, steps: steps)) }
        case .list(let list): for element in list { element.collectLinkedElements(into: &found) }
        case .object(let object): for (_, field) in object { field.collectLinkedElements(into: &found) }
        case .null, .bool, .int, .double, .string: break
        }
    }
}
