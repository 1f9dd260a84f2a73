import HearthValues

/// Looks back from the newest commit for the one that last changed what lies at a path.
///
/// An item of a list is followed where others were put in or taken out before it. What is set as a whole with a list or
/// object around it counts as changed.
struct PathTrace {
    private var tokens: [String]
    /// For each token: the length of the list that it is an index of, or nil.
    private var lengths: [Int?] = []

    /// - Parameter cells: as of the newest commit.
    init(_ pointer: Pointer, in cells: Object) {
        tokens = Array(pointer.tokens)
        var current: Value? = .object(cells)
        for token in tokens {
            if case .list(let list)? = current { lengths.append(list.count) } else { lengths.append(nil) }
            current = current?.value(at: Pointer(tokens: [token]))
        }
    }

    /// Goes back over one commit.
    /// - Returns: the operation that changed what lies at the path; nil when none did.
    mutating func undo(_ patch: Patch) -> PatchOperation? {
        for operation in patch.operations.reversed() {
            let target = Array(operation.pointer.tokens)
            let shared = zip(target, tokens).prefix { $0 == $1 }.count
            // Deeper than the path, or the path itself: it changed.
            if shared == tokens.count, !isRemoval(operation, target) { return operation }
            if case .test = operation { continue }
            if target.isEmpty { return operation }
            // Something around the path was set as a whole.
            if shared == target.count, !isMove(operation, target) { return operation }
            if let found = undoMove(operation, target, shared) { return found }
        }
        return nil
    }

    /// Whether it takes out what lay at the place in the list where our item lies since.
    private func isRemoval(_ operation: PatchOperation, _ target: [String]) -> Bool {
        guard case .remove = operation, target.count == tokens.count else { return false }
        return lengths[target.count - 1] != nil
    }

    /// Whether it puts an item into a list, or takes one out, at the level where the path has an index.
    private func isMove(_ operation: PatchOperation, _ target: [String]) -> Bool {
        if case .replace = operation { return false }
        return lengths[target.count - 1] != nil
    }

    private mutating func undoMove(
        _ operation: PatchOperation, _ target: [String], _ shared: Int
    ) -> PatchOperation? {
        let level = target.count - 1
        guard level >= 0, level < tokens.count, shared >= level, let length = lengths[level],
            let mine = Int(tokens[level])
        else { return nil }
        switch operation {
        case .add:
            let place = target[level] == "-" ? length - 1 : Int(target[level]) ?? length
            lengths[level] = length - 1
            if place == mine { return operation }
            if place < mine { tokens[level] = String(mine - 1) }
        case .remove:
            lengths[level] = length + 1
            // At the end of the list nothing has come in its place: it is what was asked for.
            if Int(target[level]) == mine, mine >= length { return operation }
            if let place = Int(target[level]), place <= mine { tokens[level] = String(mine + 1) }
        default: break
        }
        return nil
    }
}
