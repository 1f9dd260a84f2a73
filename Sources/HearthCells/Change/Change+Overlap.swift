import HearthValues

extension Change {
    /// Whether what was read before this change could read otherwise after it.
    ///
    /// Exact about where and what was asked (a push touches a list's length and the places behind its end, not its
    /// elements); not about values: replacing a value by an equal one counts.
    ///
    /// - Complexity: O(length of the paths).
    package func concerns(_ read: Read) -> Bool {
        let place = path
        guard place.cell == read.path.cell else { return false }
        let shared = place.sharedSteps(with: read.path)
        if shared == place.steps.count {
            return shared == read.path.steps.count
                ? concernsItself(read.aspect) : concernsBelow(read.path.steps[shared])
        }
        guard shared == read.path.steps.count else { return false }
        return concernsAbove(read.aspect, isParent: place.steps.count == shared + 1)
    }

    /// The read was of the changed place.
    private func concernsItself(_ aspect: ReadAspect) -> Bool {
        switch self {
        case .created, .removed: true
        // A cell that holds null reads as one that is not there.
        case .replaced(let path, let value): aspect != .existence || path.steps.isEmpty && value.isNull
        case .pushed, .inserted, .removedElement: aspect != .existence
        }
    }

    /// The read was of something below the changed place, along `step`.
    private func concernsBelow(_ step: Step) -> Bool {
        switch self {
        case .created, .removed, .replaced: true
        case .pushed(_, let first, _), .inserted(_, let first, _), .removedElement(_, let first):
            if case .index(let index) = step { index >= first } else { false }
        }
    }

    /// The changed place lies below what was read.
    private func concernsAbove(_ aspect: ReadAspect, isParent: Bool) -> Bool {
        switch (aspect, self) {
        case (.value, _): true
        case (.length, .created), (.length, .removed), (.keys, .created), (.keys, .removed): isParent
        default: false
        }
    }
}

extension Path {
    /// How many steps two paths have in common from their start, whatever their cells.
    func sharedSteps(with other: Path) -> Int {
        let most = Swift.min(steps.count, other.steps.count)
        var shared = 0
        while shared < most, steps[shared] == other.steps[shared] { shared += 1 }
        return shared
    }
}
