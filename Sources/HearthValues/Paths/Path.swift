/// One step into a value, when it is known what is stepped into.
package enum Step: Sendable {
    case key(String)
    /// From 0.
    case index(Int)

    /// The step as a token of a JSON pointer.
    package var token: String {
        switch self {
        case .key(let key): key
        case .index(let index): String(index)
        }
    }
}

extension Step: Hashable {
    package static func == (left: Step, right: Step) -> Bool {
        switch (left, right) {
        case (.key(let left), .key(let right)): left.hasSameBytes(as: right)
        case (.index(let left), .index(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .key(let key): hasher.combine(key)
        case .index(let index): hasher.combine(index)
        }
    }
}

/// A place in a room: a cell, and the steps from its value down.
package struct Path: Sendable {
    /// The cell's id.
    package var cell: String
    package var steps: [Step]

    package init(cell: String, steps: [Step] = []) {
        self.cell = cell
        self.steps = steps
    }

    /// The pointer from the room's cells, as patches spell it: the first token is the cell's id.
    package var pointer: Pointer { pointer(then: nil) }

    /// The pointer from the room's cells to a place inside this one.
    ///
    /// - Parameter token: one more token; nil for none.
    package func pointer(then token: String?) -> Pointer {
        // Every operation of every patch is named by one of these: most need no allocation.
        switch (steps.first, token) {
        case (nil, nil): return Pointer(tokens: PointerTokens(cell))
        case (nil, let token?): return Pointer(tokens: PointerTokens(cell, token))
        case (let step?, nil) where steps.count == 1: return Pointer(tokens: PointerTokens(cell, step.token))
        default: break
        }
        var tokens: [String] = []
        tokens.reserveCapacity(steps.count + 2)
        tokens.append(cell)
        for step in steps { tokens.append(step.token) }
        if let token { tokens.append(token) }
        return Pointer(tokens: tokens)
    }

    /// The pointer from the cell's value.
    package var pointerInCell: Pointer { steps.isEmpty ? Pointer() : Pointer(tokens: steps.map(\.token)) }

    /// A link to this place.
    package var link: Link { Link(cell: cell, pointer: pointerInCell) }

    /// This path with one more step.
    package func appending(_ step: Step) -> Path { Path(cell: cell, steps: steps + [step]) }

    /// This path with one more key.
    package func appending(_ key: String) -> Path { appending(.key(key)) }

    /// This path with one more list index, from 0.
    package func appending(_ index: Int) -> Path { appending(.index(index)) }

    /// Whether `other` is this path or lies below it.
    package func isPrefix(of other: Path) -> Bool {
        steps.count <= other.steps.count && cell.hasSameBytes(as: other.cell)
            && zip(steps, other.steps).allSatisfy { $0 == $1 }
    }

    /// Whether one path is the other or lies below it, so that a change at one may show at the other.
    package func overlaps(_ other: Path) -> Bool { isPrefix(of: other) || other.isPrefix(of: self) }
}

extension Path: Hashable {
    package static func == (left: Path, right: Path) -> Bool {
        left.steps.count == right.steps.count && left.isPrefix(of: right)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(cell)
        hasher.combine(steps)
    }
}

extension Path: CustomStringConvertible {
    /// The pointer from the room's cells.
    package var description: String { pointer.description }
}
