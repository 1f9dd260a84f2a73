// Changes of what a key holds that need no closure of the caller's: generic code is not specialised across modules.

extension Object {
    /// Appends to the list of `key`, in place where nothing else refers to it.
    ///
    /// - Returns: how long the list was before; nil, with nothing done, when no list is there.
    /// - Complexity: O(log n) key comparisons, and O(k log m) for k values and a list of m.
    package mutating func append(_ values: [Value], toListOf key: String) -> Int? {
        var length = 0
        let isList = withList(forKey: key) { list in
            length = list.count
            list.append(contentsOf: values)
        }
        return isList ? length : nil
    }

    /// Changes the list of `key` in place.
    ///
    /// - Returns: false, with nothing done, when no list is there.
    /// - Complexity: O(log n) key comparisons beside `body`.
    package mutating func withList(forKey key: String, _ body: (inout List) -> Void) -> Bool {
        let place = tree.root.place(of: key)
        guard place.isFound else { return false }
        return tree.update(at: place.index) { entry in
            guard case .list(var list) = entry.value else { return false }
            entry.value = .null
            body(&list)
            entry.value = .list(list)
            return true
        }
    }

    /// Adds to the int of `key`, which counts: it is there only while it is not 0. What is no int counts as 0.
    ///
    /// - Returns: the count after it.
    /// - Complexity: O(log n) key comparisons.
    @discardableResult
    package mutating func add(_ change: Int64, toCountOf key: String) -> Int64 {
        let place = tree.root.place(of: key)
        if place.isFound { return add(change, toCountAt: place.index) }
        if change != 0 { tree.insert(ObjectEntry(key: key, value: .int(change)), at: place.index) }
        return change
    }

    /// Adds to the int of the cell that a link names.
    ///
    /// Most links lead where others do: the cell is found by the bytes of its id, and no text is made of them.
    /// - Returns: the count after it.
    /// - Complexity: O(log n) key comparisons.
    @discardableResult
    package mutating func add(_ change: Int64, toCountOfTargetOf link: Link) -> Int64 {
        let place = link.withCellBytes { tree.root.place(of: $0) }
        if place.isFound { return add(change, toCountAt: place.index) }
        return add(change, toCountOf: link.cell)
    }

    private mutating func add(_ change: Int64, toCountAt place: Int) -> Int64 {
        let count = tree.update(at: place) { entry in
            let count = change + (entry.value.int ?? 0)
            entry.value = .int(count)
            return count
        }
        if count == 0 { tree.remove(at: place) }
        return count
    }
}

extension Value {
    /// Whether there is a link in the value.
    ///
    /// - Complexity: O(size of the value).
    package var holdsLink: Bool {
        var isFound = false
        forEachLink { _ in isFound = true }
        return isFound
    }

    /// Calls `body` with every link in the value, in order.
    ///
    /// - Complexity: O(size of the value).
    package func forEachLink(_ body: (Link) -> Void) {
        switch self {
        case .link(let link): body(link)
        case .list(let list): list.forEachLent { $0.forEachLink(body) }
        case .object(let object): object.tree.root.forEachLent { $0.forEachLink(body) }
        case .null, .bool, .int, .double, .string: break
        }
    }
}

extension Lent<Value> {
    fileprivate func forEachLink(_ body: (Link) -> Void) { element.forEachLink(body) }
}

extension Lent<ObjectEntry> {
    fileprivate func forEachLink(_ body: (Link) -> Void) { element.value.forEachLink(body) }
}
