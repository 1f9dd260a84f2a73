extension Patch {
    /// Applies the operations in order, all or none: after an error `value` is what it was.
    ///
    /// - Throws: the error of the first operation that cannot be applied.
    /// - Complexity: O(d log n) per operation at depth d; what is not shared is changed in place when the patch has one
    ///   operation, and from its second change on when it has more.
    package func apply(to value: inout Value) throws(PatchError) {
        // A single operation checks before it changes, so it needs no copy to go back to.
        if operations.count == 1 { return try operations[0].apply(to: &value, index: 0) }
        let before = value
        do throws(PatchError) {
            for (index, operation) in operations.enumerated() { try operation.apply(to: &value, index: index) }
        } catch {
            value = before
            throw error
        }
    }
}

extension PatchOperation {
    /// Applies one operation; on an error nothing is changed.
    ///
    /// - Parameter index: The operation's position in its patch, for the error.
    fileprivate func apply(to value: inout Value, index: Int) throws(PatchError) {
        if case .test(let pointer, let expected) = self {
            guard let found = value.value(at: pointer) else { throw .missing(index: index, pointer) }
            guard found.isEquivalent(to: expected) else { throw .testFailed(index: index, pointer) }
            return
        }
        try PatchEdit(operation: self, index: index, pointer: pointer).descend(&value, depth: 0)
    }
}

/// One operation on its way down to the value that it changes.
private struct PatchEdit {
    let operation: PatchOperation
    let index: Int
    let pointer: Pointer

    func descend(_ value: inout Value, depth: Int) throws(PatchError) {
        if depth == pointer.tokens.count {
            value = operation.value ?? .null
            return
        }
        let token = pointer.tokens[depth]
        let isLast = depth == pointer.tokens.count - 1
        if var object = value.takeObject() {
            defer { value = .object(object) }
            try isLast ? finish(&object, token) : step(&object, token, depth)
        } else if var list = value.takeList() {
            defer { value = .list(list) }
            try isLast ? finish(&list, token) : step(&list, token, depth)
        } else {
            throw .notContainer(index: index, pointer, kind: value.kindName)
        }
    }

    private func step(_ object: inout Object, _ token: String, _ depth: Int) throws(PatchError) {
        guard object.contains(token) else { throw .missing(index: index, pointer) }
        try object.withValue(forKey: token) { (slot: inout Value?) throws(PatchError) in
            guard var value = slot.take() else { return }
            defer { slot = value }
            try descend(&value, depth: depth + 1)
        }
    }

    private func step(_ list: inout List, _ token: String, _ depth: Int) throws(PatchError) {
        let position = try position(token, below: list.count)
        try list.withElement(at: position) { (value: inout Value) throws(PatchError) in
            try descend(&value, depth: depth + 1)
        }
    }

    private func finish(_ object: inout Object, _ token: String) throws(PatchError) {
        if case .add(_, let value) = operation {
            object[token] = value
            return
        }
        guard object.contains(token) else { throw .missing(index: index, pointer) }
        object[token] = operation.value
    }

    private func finish(_ list: inout List, _ token: String) throws(PatchError) {
        if case .add(_, let value) = operation {
            list.insert(value, at: token == "-" ? list.count : try position(token, below: list.count + 1))
            return
        }
        let position = try position(token, below: list.count)
        if let value = operation.value { list[position] = value } else { list.remove(at: position) }
    }

    private func position(_ token: String, below bound: Int) throws(PatchError) -> Int {
        guard let position = Pointer.index(token), position < bound else {
            throw .badIndex(index: index, pointer, token: token)
        }
        return position
    }
}
