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

    /// Whether the cell is gone after it.
    fileprivate var removesCell: Bool { if case .removed(let path) = self { path.steps.isEmpty } else { false } }

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

    /// Calls `body` with the operations of RFC 6902 that make this change; their first token is the cell's id.
    package func forEachOperation(_ body: (consuming PatchOperation) -> Void) {
        switch self {
        case .created(let path, let value): body(.add(path.pointer, value))
        case .replaced(let path, let value): body(.replace(path.pointer, value))
        case .removed(let path): body(.remove(path.pointer))
        case .pushed(let path, _, let values):
            let end = path.pointer(then: "-")
            for value in values { body(.add(end, value)) }
        case .inserted(let path, let index, let value): body(.add(path.pointer(then: String(index)), value))
        case .removedElement(let path, let index): body(.remove(path.pointer(then: String(index))))
        }
    }
}

extension [Change] {
    /// The patch that makes these changes in order.
    package var patchOperations: [PatchOperation] {
        var operations: [PatchOperation] = []
        operations.reserveCapacity(count)
        forEachOperation { operations.append($0) }
        return operations
    }

    /// Calls `body` with the operations of that patch, in order.
    package func forEachOperation(_ body: (consuming PatchOperation) -> Void) {
        forEachLent { $0.forEachOperation(body) }
    }

    /// Appends the operations that make those changes for which `isIncluded` holds. It is asked for the id of the changed
    /// cell, and told whether the cell is gone after it.
    package func appendOperations(
        of isIncluded: (_ cell: String, _ isRemoval: Bool) -> Bool, to operations: inout [PatchOperation]
    ) {
        forEachLent { change in
            if change.isIncluded(isIncluded) { change.forEachOperation { operations.append($0) } }
        }
    }
}

extension Lent<Change> {
    fileprivate func forEachOperation(_ body: (consuming PatchOperation) -> Void) { element.forEachOperation(body) }

    fileprivate func isIncluded(_ isIncluded: (_ cell: String, _ isRemoval: Bool) -> Bool) -> Bool {
        isIncluded(element.path.cell, element.removesCell)
    }
}
