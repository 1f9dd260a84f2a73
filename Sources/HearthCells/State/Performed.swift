import HearthValues

/// A change of plain values, with what it displaced.
struct Performed {
    var change: Change
    var old: Value?
}

extension Object {
    /// Makes one write on cells held in this object, and nothing else: no links are counted or rewritten.
    ///
    /// - Returns: nil when the write changes nothing.
    /// - Throws: `CellError`; the object is as it was.
    /// - Complexity: O(d log n) for a path of d steps; in place where nothing else refers to the values on the way.
    mutating func perform(_ write: Write) throws(CellError) -> Performed? {
        switch write {
        case .set(let path, let value): return try set(path, value)
        case .remove(let path): return try remove(path)
        case .push(let path, let values):
            if values.isEmpty { return nil }
            let length = try withList(path) { (list: inout List) throws(CellError) -> Int in
                let length = list.count
                for value in values { list.append(value) }
                return length
            }
            return Performed(change: .pushed(path, at: length, values))
        case .insert(let path, let index, let value):
            let isEnd = try withList(path) { (list: inout List) throws(CellError) -> Bool in
                guard index >= 0, index <= list.count else { throw .missing(path.appending(index)) }
                let isEnd = index == list.count
                list.insert(value, at: index)
                return isEnd
            }
            return Performed(change: isEnd ? .pushed(path, at: index, [value]) : .inserted(path, at: index, value))
        case .increment(let path, let amount):
            let (old, sum) = try modify(path, depth: path.steps.count) {
                (value: inout Value) throws(CellError) -> (Value, Value) in
                let old = value
                value = try old.adding(amount, at: path)
                return (old, value)
            }
            return Performed(change: .replaced(path, sum), old: old)
        }
    }

    private mutating func set(_ path: Path, _ value: Value) throws(CellError) -> Performed {
        guard let last = path.steps.last else {
            let old: Value? = withValue(forKey: path.cell) { (slot: inout Value?) in
                let old = slot
                slot = value
                return old
            }
            return Performed(change: old == nil ? .created(path, value) : .replaced(path, value), old: old)
        }
        let old = try modify(path, depth: path.steps.count - 1) { (parent: inout Value) throws(CellError) -> Value? in
            switch last {
            case .key(let key):
                return try parent.withObject(at: path) { (object: inout Object) throws(CellError) -> Value? in
                    object.withValue(forKey: key) { (slot: inout Value?) in
                        let old = slot
                        slot = value
                        return old
                    }
                }
            case .index(let index):
                return try parent.withList(at: path) { (list: inout List) throws(CellError) -> Value? in
                    guard index >= 0, index < list.count else { throw .missing(path) }
                    return list.withElement(at: index) { (slot: inout Value) in
                        let old = slot
                        slot = value
                        return old
                    }
                }
            }
        }
        return Performed(change: old == nil ? .created(path, value) : .replaced(path, value), old: old)
    }

    private mutating func remove(_ path: Path) throws(CellError) -> Performed? {
        guard let last = path.steps.last else {
            return removeValue(forKey: path.cell).map { Performed(change: .removed(path), old: $0) }
        }
        let parentPath = Path(cell: path.cell, steps: path.steps.dropLast())
        return try modify(path, depth: path.steps.count - 1) { (parent: inout Value) throws(CellError) -> Performed? in
            switch last {
            case .key(let key):
                return try parent.withObject(at: parentPath) { (object: inout Object) throws(CellError) -> Performed? in
                    object.removeValue(forKey: key).map { Performed(change: .removed(path), old: $0) }
                }
            case .index(let index):
                return try parent.withList(at: parentPath) { (list: inout List) throws(CellError) -> Performed? in
                    guard index >= 0, index < list.count else { throw .missing(path) }
                    return Performed(change: .removedElement(parentPath, at: index), old: list.remove(at: index))
                }
            }
        }
    }

    private mutating func withList<R>(
        _ path: Path, _ body: (inout List) throws(CellError) -> R
    ) throws(CellError) -> R {
        try modify(path, depth: path.steps.count) { (value: inout Value) throws(CellError) -> R in
            try value.withList(at: path, body)
        }
    }

    /// Changes in place what lies `depth` steps along `path`.
    private mutating func modify<R>(
        _ path: Path, depth: Int, _ body: (inout Value) throws(CellError) -> R
    ) throws(CellError) -> R {
        try withValue(forKey: path.cell) { (slot: inout Value?) throws(CellError) -> R in
            guard let result = try slot?.modify(path, from: 0, to: depth, body) else {
                throw .missing(Path(cell: path.cell))
            }
            return result
        }
    }
}

extension Value {
    /// Changes in place what lies along the steps of `path` from `index` up to `depth`.
    fileprivate mutating func modify<R>(
        _ path: Path, from index: Int, to depth: Int, _ body: (inout Value) throws(CellError) -> R
    ) throws(CellError) -> R {
        if index == depth { return try body(&self) }
        let here = { Path(cell: path.cell, steps: Array(path.steps.prefix($0))) }
        switch path.steps[index] {
        case .index(let position):
            return try withList(at: here(index)) { (list: inout List) throws(CellError) -> R in
                guard position >= 0, position < list.count else { throw .missing(here(index + 1)) }
                return try list.withElement(at: position) { (element: inout Value) throws(CellError) -> R in
                    try element.modify(path, from: index + 1, to: depth, body)
                }
            }
        case .key(let key):
            return try withObject(at: here(index)) { (object: inout Object) throws(CellError) -> R in
                try object.withValue(forKey: key) { (slot: inout Value?) throws(CellError) -> R in
                    guard let result = try slot?.modify(path, from: index + 1, to: depth, body) else {
                        throw .missing(here(index + 1))
                    }
                    return result
                }
            }
        }
    }

    fileprivate mutating func withList<R>(
        at path: @autoclosure () -> Path, _ body: (inout List) throws(CellError) -> R
    ) throws(CellError) -> R {
        guard case .list(var list) = self else {
            throw .wrongKind(path(), expected: "list", found: kindName)
        }
        self = .null
        defer { self = .list(list) }
        return try body(&list)
    }

    fileprivate mutating func withObject<R>(
        at path: @autoclosure () -> Path, _ body: (inout Object) throws(CellError) -> R
    ) throws(CellError) -> R {
        guard case .object(var object) = self else {
            throw .wrongKind(path(), expected: "object", found: kindName)
        }
        self = .null
        defer { self = .object(object) }
        return try body(&object)
    }

    fileprivate func adding(_ amount: Value, at path: Path) throws(CellError) -> Value {
        if case .int(let left) = self, case .int(let right) = amount {
            let (sum, overflow) = left.addingReportingOverflow(right)
            if overflow { throw .overflow(path) }
            return .int(sum)
        }
        guard let left = number else { throw .wrongKind(path, expected: "number", found: kindName) }
        guard let right = amount.number else { throw .wrongKind(path, expected: "number", found: amount.kindName) }
        let sum = left + right
        guard sum.isFinite else { throw .overflow(path) }
        return .double(sum)
    }
}

extension Value {
    /// The number as a double, when this is one.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
