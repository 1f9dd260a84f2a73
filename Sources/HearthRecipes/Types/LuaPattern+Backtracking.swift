extension LuaPattern {
    /// The most open repetitions in a row that can all take the same characters, as in `%s*.*%s*x` (3). A text of n
    /// characters that does not match is tried in the order of n to the power of this many ways.
    package var overlappingRepetitions: Int {
        var best = 0
        var chain = 0
        var previous: Set256?
        for item in items {
            switch item.kind {
            case .repeated(let set, _, _):
                if let previous, !previous.intersects(set) { chain = 0 }
                chain += 1
                previous = set
                best = max(best, chain)
            case .one(let set):
                // Something that none of the repetitions around it can take is a wall between them.
                if let wall = previous, !wall.intersects(set) {
                    chain = 0
                    previous = nil
                }
            case .maybe, .frontier: break
            case .balanced, .end:
                chain = 0
                previous = nil
            }
        }
        // `^%s*(.-)%s*$` cannot fail, and what cannot fail is not tried again.
        if isAnchored, items.last?.kind == .end, items.dropLast().allSatisfy(\.takesNothing) { return min(best, 1) }
        return best
    }
}

extension LuaPattern.Item {
    /// Whether it also matches the empty text.
    fileprivate var takesNothing: Bool {
        switch kind {
        case .repeated(_, let least, _): least == 0
        case .maybe: true
        case .one, .balanced, .frontier, .end: false
        }
    }
}
