import HearthCells
import HearthLua
import HearthValues

/// A name or a number, as Lua indexes with it.
enum Key {
    case name(String)
    /// From 1.
    case number(Int64)
}

/// Operations that read. Each records what it read, so that a later change of it is a conflict.
extension RunState {
    /// `cells.NAME`, `object.field`, `list[i]`.
    func child(of id: UInt32, _ key: Key, into reply: inout LuaWriter) throws(RunError) {
        try refuseUnless(writing: false)
        let parent = try nodes[id]
        switch (parent.kind, key) {
        case (.cells, .name(let name)):
            if !reachesAll, let place = catalog.place(of: name) { return try answer(withRoot: place, into: &reply) }
            try answer(withRoot: try root(name), into: &reply)
        case (.cells, .number): throw RunError("cells is indexed by the names of cells")
        case (.many, .name(let name)):
            let made = Path(cell: member(name, of: parent.path.cell))
            guard CellID.isValid(made.cell) else { return reply.writeAbsent() }
            try answer(with: Node(kind: .stored, path: made, type: parent.type), into: &reply)
        case (.many, .number): throw RunError("\(parent.path.cell) is indexed by the keys of its cells")
        case (.gone, _): throw gone(parent)
        default:
            guard let step = try step(key, in: parent, isReading: true) else { return reply.writeAbsent() }
            let type = parent.type.type(at: step) ?? .any
            let node = Node(kind: parent.kind, path: parent.path.appending(step), type: type)
            try answer(with: node, into: &reply)
        }
    }

    /// `cells.NAME` in a handler, which most host calls are, without making a text of the name.
    /// - Returns: false, with nothing done, where it is not as simple as that.
    func rootChild(of id: UInt32, _ name: UnsafeRawBufferPointer?, into reply: inout LuaWriter) throws(RunError) -> Bool
    {
        guard id == cellsNode, mode == .handler, !reachesAll, let name, let place = catalog.place(ofBytes: name) else {
            return false
        }
        try answer(withRoot: place, into: &reply)
        return true
    }

    private func answer(withRoot place: Int, into reply: inout LuaWriter) throws(RunError) {
        let node = try root(at: place)
        guard mode != .deriving, let kind = catalog.entries[place].lasting else {
            return try answer(withRoot: node, into: &reply)
        }
        // A VM that knows it does not ask, and must not count differently for it.
        operations &-= 1
        reply.write(LuaNode(LuaNode.lasting + UInt32(place), kind))
    }

    /// Lua remembers root cells until the run ends; not those where a link leads.
    private func answer(withRoot node: Node, into reply: inout LuaWriter) throws(RunError) {
        if try answer(with: node, into: &reply) { reply.write(true) }
    }

    /// `:key(k)`: what lies under a key as a cell of its own, whatever its name, be it a scalar or not there yet.
    func place(under key: Key, of id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        try refuseUnless(writing: false)
        let parent = try nodes[id]
        var node: Node
        switch (parent.kind, key) {
        case (.cells, .name(let name)): node = try root(name)
        case (.cells, .number), (.many, _): return try child(of: id, key, into: &reply)
        case (.gone, _): throw gone(parent)
        default:
            guard let step = try step(key, in: parent, isReading: true) else { return reply.writeAbsent() }
            node = try inner(parent, step)
        }
        let (target, value) = try look(node, nil)
        node = target
        switch value {
        case .list: reply.write(LuaNode(nodes.add(node), .list))
        case .object: reply.write(LuaNode(nodes.add(node), .object))
        default: reply.write(LuaNode(nodes.add(node), .scalar))
        }
    }

    /// The step that a key means in a container; nil for a list index that is out of range.
    func step(_ key: Key, in parent: Node, isReading: Bool) throws(RunError) -> Step? {
        switch parent.type.required {
        case .list: return try index(key, in: parent, isReading: isReading).map { .index($0) }
        case .map, .object: return .key(try name(key, in: parent))
        default:
            guard case .list = try peekOrLook(parent, isReading: isReading) else {
                return .key(try name(key, in: parent))
            }
            return try index(key, in: parent, isReading: isReading).map { .index($0) }
        }
    }

    private func name(_ key: Key, in parent: Node) throws(RunError) -> String {
        switch key {
        case .name(let name): return name
        case .number(let number):
            throw RunError(
                "\(parent.path.title) has names, not numbers, as keys: use tostring(\(number)) or \"\(number)\"")
        }
    }

    /// - Returns: from 0; nil when there is no such element, which is then what was read.
    private func index(_ key: Key, in parent: Node, isReading: Bool) throws(RunError) -> Int? {
        guard case .number(let number) = key else {
            if case .name(let name) = key { throw RunError("\(parent.path.title) is a list: it has no field \(name)") }
            return nil
        }
        guard case .list(let list) = try peekOrLook(parent, isReading: isReading) else { return nil }
        if number >= 1, number <= Int64(list.count) { return Int(number) - 1 }
        if isReading { _ = try look(parent, .length) }
        return nil
    }

    private func peekOrLook(_ node: Node, isReading: Bool) throws(RunError) -> Value? {
        mode == .deriving ? try look(node, .existence).value : try peek(node)
    }

    /// Answers with what lies at a node: scalars as Lua values, objects and lists as proxies, links followed.
    /// - Returns: whether the answer lies elsewhere, where a link led.
    @discardableResult
    func answer(with node: Node, into reply: inout LuaWriter) throws(RunError) -> Bool {
        if node.kind == .many {
            reply.write(LuaNode(nodes.add(node), .many))
            return false
        }
        let aspect = node.type.aspect
        if let value = plainValue(at: node, aspect) {
            try answer(with: value, at: node, aspect, into: &reply)
            return false
        }
        let (target, found) = try look(node, aspect)
        if let value = found {
            try answer(with: value, at: target, aspect, into: &reply)
        } else {
            if aspect == nil { _ = try look(target, .existence) }
            reply.writeAbsent()
        }
        return target.path != node.path
    }

    private func answer(
        with value: Value, at target: Node, _ aspect: ReadAspect?, into reply: inout LuaWriter
    ) throws(RunError) {
        switch value {
        case .list:
            if aspect == nil { _ = try look(target, .existence) }
            reply.write(LuaNode(nodes.add(target), .list))
        case .object:
            if aspect == nil { _ = try look(target, .existence) }
            reply.write(LuaNode(nodes.add(target), .object))
        default:
            if aspect != .value { _ = try look(target, .value) }
            if value.isNull, !target.type.keepsNull {
                reply.writeAbsent()
            } else {
                lastScalar = (target.path, operations)
                reply.write(scalar: value)
            }
        }
    }

    /// `#`.
    func length(of id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        let node = try live(id)
        let count = try size(look(node, .length).value)
        guard let count else { throw RunError("\(node.path.title) has no length") }
        reply.write(Int64(count))
    }

    /// Elements or keys of a container; nil for anything else.
    func size(_ value: Value?) -> Int? {
        switch value {
        case .list(let list): list.count
        case .object(let object): object.count
        case .none: 0
        default: nil
        }
    }

    /// The keys that `pairs` walks; for lists the indices.
    func keys(of id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        let node = try nodes[id]
        if node.kind == .cells {
            let names = catalog.entries.indices.filter { catalog.entries[$0].scope == .many || !ownCells[$0].isEmpty }
            reply.beginList(count: names.count)
            for place in names { reply.write(catalog.entries[place].name) }
            return
        }
        if node.kind == .many, reachesAll {
            let members = members(of: node.path.cell)
            reply.beginList(count: members.count)
            for member in members { reply.write(member) }
            return
        }
        switch try look(try live(id), .keys).value {
        case .object(let object):
            reply.beginList(count: object.count)
            for (key, _) in object { reply.write(key) }
        case .list(let list):
            reply.beginList(count: list.count)
            for index in 0..<list.count { reply.write(Int64(index) + 1) }
        case .none: reply.beginList(count: 0)
        default: throw RunError("\(node.path.title) has no keys")
        }
    }

    /// `:get()`: a scalar's value; an object or list is itself, and stored it is a link.
    func get(_ id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        try answer(with: try live(id), into: &reply)
    }

    /// `:snapshot()`: a plain copy.
    func snapshot(_ id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        guard let value = try look(try live(id), .value).value else { return reply.writeAbsent() }
        write(value, into: &reply)
    }

    func exists(_ id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        let node = try nodes[id]
        if node.kind == .gone { return reply.write(false) }
        reply.write(try look(try live(id), .existence).value != nil)
    }

    /// `:last(n)`: a Lua list of the last elements.
    func last(_ id: UInt32, from arguments: inout LuaReader, into reply: inout LuaWriter) throws(RunError) {
        let node = try live(id)
        guard let count = arguments.takeInt(), count >= 0 else { throw RunError(":last takes how many, from 0") }
        guard let total = size(try look(node, .length).value) else {
            throw RunError("\(node.path.title) is no list")
        }
        let first = max(0, total - Int(min(count, Int64(total))))
        reply.beginList(count: total - first)
        for index in first..<total {
            let type = node.type.type(at: .index(index)) ?? .any
            try answer(with: Node(kind: node.kind, path: node.path.appending(index), type: type), into: &reply)
        }
    }

    func isSame(_ id: UInt32, as other: UInt32) throws(RunError) -> Bool {
        try nodes[id].path == nodes[other].path
    }

    func describe(_ id: UInt32) throws(RunError) -> String {
        try nodes[id].path.title
    }

    /// `hearth.link_of(v)`.
    func linkOf(_ id: UInt32, into reply: inout LuaWriter) throws(RunError) {
        do throws(SchemaError) {
            reply.writeLink(try link(to: id).text)
        } catch {
            throw RunError("hearth.link_of: \(error.rule)")
        }
    }
}
