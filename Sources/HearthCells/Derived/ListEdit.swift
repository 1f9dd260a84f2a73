import HearthValues

/// What a change means to one list.
enum ListEdit: Equatable {
    /// The list is another one, or gone.
    case rebuilt
    case pushed(at: Int, count: Int)
    case inserted(at: Int)
    case removed(at: Int)
    /// Something in an element changed.
    case touched(Int)
}

extension Change {
    /// Nil when the change does not concern the list at `list`.
    func edit(of list: Path) -> ListEdit? {
        let place = path
        guard place.cell == list.cell else { return nil }
        let shared = place.sharedSteps(with: list)
        if shared == list.steps.count, shared < place.steps.count {
            guard case .index(let index) = place.steps[shared] else { return nil }
            return .touched(index)
        }
        guard shared == place.steps.count else { return nil }
        if shared < list.steps.count { return concerns(Read(list, .value)) ? .rebuilt : nil }
        switch self {
        case .created, .replaced, .removed: return .rebuilt
        case .pushed(_, let first, let values): return .pushed(at: first, count: values.count)
        case .inserted(_, let index, _): return .inserted(at: index)
        case .removedElement(_, let index): return .removed(at: index)
        }
    }
}
