extension Patch {
    /// Operations that turn `from` into `to`, for a value that stands at `pointer`.
    ///
    /// Correct and small where changes are usually small: equal parts are left out, objects are compared key by key,
    /// lists lose their common start and end and are then compared position by position. Not the shortest possible.
    ///
    /// - Complexity: O(size), less the parts that both share.
    package static func diff(from: Value, to: Value, at pointer: Pointer = Pointer()) -> [PatchOperation] {
        var operations: [PatchOperation] = []
        appendDiff(from, to, pointer, &operations)
        return operations
    }

    private static func appendDiff(
        _ from: Value, _ to: Value, _ pointer: Pointer, _ operations: inout [PatchOperation]
    ) {
        switch (from, to) {
        case (.object(let from), .object(let to)): appendDiff(from, to, pointer, &operations)
        case (.list(let from), .list(let to)): appendDiff(from, to, pointer, &operations)
        default: if from != to { operations.append(.replace(pointer, to)) }
        }
    }

    private static func appendDiff(
        _ from: Object, _ to: Object, _ pointer: Pointer, _ operations: inout [PatchOperation]
    ) {
        let common = from.commonPrefix(with: to)
        var left = TreeIterator(from.tree, from: common)
        var right = TreeIterator(to.tree, from: common)
        var (old, new) = (left.next(), right.next())
        while old != nil || new != nil {
            let order = old.map { old in new.map { old.key.order(to: $0.key) } ?? -1 } ?? 1
            if order < 0, let gone = old {
                operations.append(.remove(pointer.appending(gone.key)))
                old = left.next()
            } else if order > 0, let added = new {
                operations.append(.add(pointer.appending(added.key), added.value))
                new = right.next()
            } else if let one = old, let two = new {
                if one.value != two.value {
                    appendDiff(one.value, two.value, pointer.appending(one.key), &operations)
                }
                (old, new) = (left.next(), right.next())
            }
        }
    }

    private static func appendDiff(_ from: List, _ to: List, _ pointer: Pointer, _ operations: inout [PatchOperation]) {
        let start = from.commonPrefix(with: to)
        let shorter = Swift.min(from.count, to.count)
        var end = 0
        while end < shorter - start, from[from.count - 1 - end] == to[to.count - 1 - end] { end += 1 }
        let both = shorter - start - end
        for (offset, pair) in zip(from[start..<start + both], to[start..<start + both]).enumerated() {
            appendDiff(pair.0, pair.1, pointer.appending(start + offset), &operations)
        }
        let from = (from.count - start - end - both, start + both)
        for _ in 0..<from.0 { operations.append(.remove(pointer.appending(from.1))) }
        let added = to[start + both..<to.count - end]
        for (offset, value) in added.enumerated() {
            operations.append(.add(end == 0 ? pointer.appending("-") : pointer.appending(from.1 + offset), value))
        }
    }
}
