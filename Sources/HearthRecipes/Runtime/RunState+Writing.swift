import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

/// Operations that write. Every value is checked against the type declared for its place before anything changes.
extension RunState {
    /// `cells.NAME = v`, `object.field = v`, `list[i] = v`; nil removes.
    func assign(_ id: UInt32, _ key: Key, from arguments: inout LuaReader) throws(RunError) {
        try refuseUnless(writing: true)
        let parent = try nodes[id]
        switch parent.kind {
        case .cells:
            guard case .name(let name) = key else { throw RunError("cells is indexed by the names of cells") }
            let node = try root(name)
            if node.kind == .many { throw RunError("\(name) is made on demand: cells.\(name):new {…} makes one") }
            try set(node, from: &arguments)
        case .many:
            throw RunError("\(parent.path.cell) is made on demand: cells.\(parent.path.cell):new {…} makes one")
        case .gone: throw gone(parent)
        default: try assign(in: parent, key, from: &arguments)
        }
    }

    private func assign(in parent: Node, _ key: Key, from arguments: inout LuaReader) throws(RunError) {
        guard let step = try step(key, in: parent, isReading: false) else {
            let count = try size(of: parent)
            if case .number(let number) = key, number == Int64(count) + 1 {
                return try push(parent, from: &arguments)
            }
            throw RunError("\(parent.path.title): there is no element there to replace; it has \(count)")
        }
        let node = try inner(parent, step)
        if arguments.isAbsent { return try remove(node, from: parent) }
        if case .map(let rule) = parent.type.required, let max = rule.max, try peek(node) == nil {
            let count = try size(of: parent) + 1
            if count > max { throw RunError("\(parent.path.title): \(count) keys, at most \(max)") }
        }
        try set(node, from: &arguments)
    }

    /// The node one step inside a container.
    /// - Throws: when the declared type has no such field.
    func inner(_ parent: Node, _ step: Step) throws(RunError) -> Node {
        guard let type = parent.type.type(at: step) else {
            if case .object(let object) = parent.type.required, case .key(let name) = step {
                throw RunError(object.unknown(name).within(parent.path))
            }
            throw RunError("\(parent.path.title) is \(parent.type.title): nothing can be stored inside it")
        }
        return Node(kind: parent.kind, path: parent.path.appending(step), type: type)
    }

    /// `:set(v)` and the end of every assignment.
    func set(_ node: Node, from arguments: inout LuaReader) throws(RunError) {
        if arguments.isAbsent {
            guard node.type.isOptional || node.type.keepsNull else {
                throw RunError("\(node.path.title): nil, \(node.type.title) is required")
            }
            return try commit(.set(node.path, .null), to: node)
        }
        let value = try decode(node.type, for: node.path, from: &arguments)
        try commit(.set(node.path, value), to: node)
    }

    /// `:update{…}`: sets the given fields and leaves the others.
    func update(_ id: UInt32, from arguments: inout LuaReader) throws(RunError) {
        let node = try writable(id)
        guard let count = arguments.takeFieldCount() else {
            throw RunError("\(node.path.title): :update takes a table of fields")
        }
        for _ in 0..<count {
            guard let name = try? arguments.readKey() else { return }
            let field = try inner(node, .key(name))
            let value = try decode(field.type, for: field.path, from: &arguments)
            try commit(.set(field.path, value), to: field)
        }
    }

    /// `:push(v, …)`: blind, so two at once both stay.
    func push(_ node: Node, from arguments: inout LuaReader) throws(RunError) {
        let element = try elementType(node)
        var values: [Value] = []
        values.reserveCapacity(1)
        while !arguments.isAtEnd {
            do throws(SchemaError) {
                values.append(try decode(element.type, from: &arguments))
            } catch {
                throw RunError(error.within(node.path.appending(try size(of: node) + values.count)))
            }
        }
        if let max = element.max {
            let count = try size(of: node) + values.count
            if count > max { throw RunError("\(node.path.title): \(count) elements, at most \(max)") }
        }
        try commit(.push(node.path, consume values), to: node)
    }

    /// `:insert(i, v)`.
    func insert(_ id: UInt32, from arguments: inout LuaReader) throws(RunError) {
        let node = try writable(id)
        let element = try elementType(node)
        let count = try size(of: node)
        _ = try look(node, .length)
        guard let place = arguments.takeInt(), place >= 1, place <= Int64(count) + 1 else {
            throw RunError("\(node.path.title): :insert takes a place from 1 to \(count + 1)")
        }
        if let max = element.max, count + 1 > max {
            throw RunError("\(node.path.title): \(count + 1) elements, at most \(max)")
        }
        let index = Int(place) - 1
        let value = try decode(element.type, for: node.path.appending(index), from: &arguments)
        try commit(.insert(node.path, at: index, value), to: node)
        nodes.shift(list: node.path, from: index, by: 1)
    }

    /// `:remove(i)`: the last when `i` is left out. Answers with a copy of what was there.
    func remove(_ id: UInt32, from arguments: inout LuaReader, into reply: inout LuaWriter) throws(RunError) {
        let node = try writable(id)
        _ = try elementType(node)
        let count = try size(of: node)
        _ = try look(node, .length)
        let place = arguments.isAtEnd || arguments.isAbsent ? Int64(count) : arguments.takeInt() ?? 0
        if count == 0, place == 0 { return reply.writeAbsent() }
        guard place >= 1, place <= Int64(count) else {
            throw RunError("\(node.path.title): there is no element \(place); it has \(count)")
        }
        let path = node.path.appending(Int(place) - 1)
        let element = Node(kind: node.kind, path: path, type: .any)
        _ = try look(element, .value)
        if let value = try peek(element) { write(value, into: &reply) } else { reply.writeAbsent() }
        try commit(.remove(path), to: node)
        nodes.shift(list: node.path, from: Int(place) - 1, by: -1)
    }

    /// `:delete()`: the whole cell, a key or an element.
    func delete(_ id: UInt32) throws(RunError) {
        let node = try writable(id)
        guard let last = node.path.steps.last else {
            return try takeOut(node)
        }
        let outer = Path(cell: node.path.cell, steps: Array(node.path.steps.dropLast()))
        try remove(node, from: self.node(at: outer))
        if case .index(let index) = last { nodes.shift(list: outer, from: index, by: -1) }
    }

    /// Takes a key out of an object or map.
    private func remove(_ node: Node, from parent: Node) throws(RunError) {
        if case .object(let object) = parent.type.required, case .key(let name) = node.path.steps.last,
            let place = object.place(of: name), !object.fields[place].isOptional
        {
            throw RunError("\(node.path.title): nil, \(node.type.title) is required")
        }
        if case .index = node.path.steps.last {
            if case .list = parent.type.required {} else if case .any = parent.type.required {} else { return }
        }
        try takeOut(node)
    }

    /// Removes what is there. That nothing is there is something that was read: others may put something there.
    private func takeOut(_ node: Node) throws(RunError) {
        if try isStored(node) { try commit(.remove(node.path), to: node) } else { _ = try look(node, .existence) }
    }

    /// `:increment(n)`: blind, so two at once both count.
    func increment(_ node: Node, from arguments: inout LuaReader) throws(RunError) {
        let amount: Value = arguments.isAtEnd || arguments.isAbsent ? .int(1) : arguments.takeNumber() ?? .int(1)
        let present = try peek(node) ?? .int(0)
        guard let sum = present.adding(amount) else {
            throw RunError("\(node.path.title): \(present.kindTitle) cannot be incremented by \(amount.shown)")
        }
        do {
            _ = try node.type.required.accept(sum)
        } catch {
            throw RunError(error.within(node.path))
        }
        try commit(.increment(node.path, amount), to: node)
    }

    /// `cells.NAME:new{…}`: a cell made on demand, its key drawn from the event's randomness.
    func new(_ id: UInt32, from arguments: inout LuaReader, into reply: inout LuaWriter) throws(RunError) {
        try refuseUnless(writing: true)
        let family = try nodes[id]
        guard family.kind == .many else { throw RunError("\(family.path.title) is not made on demand") }
        let path = Path(cell: "\(family.path.cell).\(Identifier.make(from: &ids))")
        let node = Node(kind: .stored, path: path, type: family.type)
        let value = try decode(family.type, for: path, from: &arguments)
        try commit(.set(path, value), to: node)
        try answer(with: node, into: &reply)
    }

    // MARK: Shared

    /// The target of a write that does not depend on what was there.
    ///
    /// To Lua, `cells.count:increment(1)` reads the number first and then looks for the method: two host calls before
    /// this one. That read is forgotten if the line shows that its value went nowhere else, so that the write is as
    /// blind as it looks.
    func blindTarget(_ id: UInt32, _ method: String) throws(RunError) -> Node {
        let node = try writable(id)
        if let last = lastScalar, last.operation == operations - 2, last.path == node.path,
            callerText()?.calls(method, at: node.path) == true
        {
            transaction.forgetLastRead(of: node.path)
        }
        return node
    }

    func writable(_ id: UInt32) throws(RunError) -> Node {
        try refuseUnless(writing: true)
        return try live(id)
    }

    private func elementType(_ node: Node) throws(RunError) -> (type: CellType, max: Int?) {
        switch node.type.required {
        case .list(let rule): return (rule.element, rule.max)
        case .any: return (.any, nil)
        default: throw RunError("\(node.path.title) is \(node.type.title), not a list")
        }
    }

    /// Whether something was really written there; a first value that only its type gives does not count.
    private func isStored(_ node: Node) throws(RunError) -> Bool {
        switch node.kind {
        case .stored: transaction.state.value(at: node.path) != nil
        case .ephemeral: ephemeral.value(at: node.path) != nil
        default: true
        }
    }

    /// Elements or keys of a container, not recorded.
    private func size(of node: Node) throws(RunError) -> Int {
        size(try peek(node)) ?? 0
    }
}

extension String {
    /// Whether this line of Lua calls a method on a place right where it names it: `….count:increment(` or `…]:increment(`.
    fileprivate func calls(_ method: String, at path: Path) -> Bool {
        let name =
            switch path.steps.last {
            case .key(let key): key
            case .index: "]"
            case nil: String(CellID.name(of: path.cell))
            }
        let text = filter { $0 != " " && $0 != "\t" }
        return text.contains(".\(name):\(method)(") || text.contains("]:\(method)(")
    }
}
