package import HearthValues

/// What a write did, with what one must know to replay it, to tell whom it concerns, and to keep derived cells up.
package enum Change: Sendable, Hashable {
    /// A cell or a key that was absent has this value now.
    case created(Path, Value)
    /// What was at the path has this value now.
    case replaced(Path, Value)
    /// A cell or a key is gone.
    case removed(Path)
    /// The list at the path, which had `at` elements, got more at its end.
    case pushed(Path, at: Int, [Value])
    /// The list at the path got an element in front of the one at `at`.
    case inserted(Path, at: Int, Value)
    /// The list at the path lost the element at `at`.
    case removedElement(Path, at: Int)

    /// The place the change is about: for lists that grew or shrank the list.
    package var path: Path {
        switch self {
        case .created(let path, _), .replaced(let path, _), .removed(let path), .pushed(let path, _, _),
            .inserted(let path, _, _), .removedElement(let path, _):
            path
        }
    }

    /// The write that makes this change on the state it was made on.
    package var write: Write {
        switch self {
        case .created(let path, let value), .replaced(let path, let value): .set(path, value)
        case .removed(let path): .remove(path)
        case .pushed(let path, _, let values): .push(path, values)
        case .inserted(let path, let index, let value): .insert(path, at: index, value)
        case .removedElement(let path, let index): .remove(path.appending(index))
        }
    }

    /// The operations of RFC 6902 that make this change; their first token is the cell's id.
    package func append(to operations: inout [PatchOperation]) {
        switch self {
        case .created(let path, let value): operations.append(.add(path.pointer, value))
        case .replaced(let path, let value): operations.append(.replace(path.pointer, value))
        case .removed(let path): operations.append(.remove(path.pointer))
        case .pushed(let path, _, let values):
            let end = path.pointer(then: "-")
            for value in values { operations.append(.add(end, value)) }
        case .inserted(let path, let index, let value):
            operations.append(.add(path.pointer(then: String(index)), value))
        case .removedElement(let path, let index): operations.append(.remove(path.pointer(then: String(index))))
        }
    }
}

extension [Change] {
    /// The patch that makes these changes in order.
    package var patchOperations: [PatchOperation] { patchOperations(roomFor: 0) }

    /// The same, with room for that many more operations behind them.
    package func patchOperations(roomFor more: Int) -> [PatchOperation] {
        var operations: [PatchOperation] = []
        operations.reserveCapacity(count + more)
        for change in self { change.append(to: &operations) }
        return operations
    }
}
