import HearthValues

/// The value of one derived cell while it is changed, with the changes made.
struct DerivedOutput {
    /// The derived cell.
    var name: String
    var values: Object
    private(set) var changes: [Change] = []

    init(name: String, values: Object) {
        self.name = name
        self.values = values
    }

    var root: Path { Path(cell: name) }

    /// Makes room for changes, so that the first few of them do not move each other about.
    mutating func reserve(_ number: Int) { changes.reserveCapacity(number) }

    var value: Value? { values[name] }

    mutating func write(_ write: Write) {
        // The output is written by its own rule only, at places the rule has made.
        guard let performed = try? values.perform(write) else { return }
        changes.append(performed.change)
    }

    mutating func set(_ value: Value) {
        let old = values.updateValue(value, forKey: name)
        if old == value { return }
        changes.append(old == nil ? .created(root, value) : .replaced(root, value))
    }

    /// Takes elements from the front of the list and puts others at its end.
    mutating func slide(dropping count: Int, appending more: [Value]) {
        var end = 0
        let isList = values.withList(forKey: name) { list in
            list.removeFirst(count)
            end = list.count
            list.append(contentsOf: more)
        }
        guard isList else { return }
        for _ in 0..<count { changes.append(.removedElement(root, at: 0)) }
        if !more.isEmpty { changes.append(.pushed(root, at: end, more)) }
    }

    /// Changes what is there into `new` with few and small changes.
    mutating func become(_ new: Value) {
        if let old = value { become(new, from: old, at: root) } else { write(.set(root, new)) }
    }

    private mutating func become(_ new: Value, from old: Value, at path: Path) {
        switch (old, new) {
        case (.object(let old), .object(let new)): become(new, from: old, at: path)
        case (.list(let old), .list(let new)): become(new, from: old, at: path)
        default: if old != new { write(.set(path, new)) }
        }
    }

    private mutating func become(_ new: Object, from old: Object, at path: Path) {
        for (key, _) in old where !new.contains(key) { write(.remove(path.appending(key))) }
        for (key, value) in new {
            if let before = old[key] {
                become(value, from: before, at: path.appending(key))
            } else {
                write(.set(path.appending(key), value))
            }
        }
    }

    private mutating func become(_ new: List, from old: List, at path: Path) {
        let most = Swift.min(old.count, new.count)
        let prefix = old.commonPrefix(with: new)
        var suffix = 0
        while suffix < most - prefix, old[old.count - 1 - suffix] == new[new.count - 1 - suffix] { suffix += 1 }
        let paired = most - suffix
        for index in prefix..<Swift.max(prefix, paired) {
            become(new[index], from: old[index], at: path.appending(index))
        }
        for index in (paired..<(old.count - suffix)).reversed() { write(.remove(path.appending(index))) }
        for index in paired..<(new.count - suffix) { write(.insert(path, at: index, new[index])) }
    }
}
