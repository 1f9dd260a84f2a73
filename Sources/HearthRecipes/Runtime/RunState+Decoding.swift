import HearthLua
import HearthValues

/// From Lua's flat items to values, checked against the declared type on the way.
extension RunState {
    /// Reads the next item as a value for `path`.
    func decode(_ type: CellType, for path: Path, from arguments: inout LuaReader) throws(RunError) -> Value {
        do throws(SchemaError) {
            return try decode(type, from: &arguments)
        } catch {
            throw RunError(error.within(path))
        }
    }

    /// Reads the next item as a value of `type`: an empty table becomes what the type asks for, a cell becomes a link.
    func decode(_ type: CellType, from arguments: inout LuaReader) throws(SchemaError) -> Value {
        try decode(type, head(&arguments), from: &arguments)
    }

    private func head(_ arguments: inout LuaReader) throws(SchemaError) -> LuaItem {
        do throws(LuaFormatError) {
            return try arguments.next()
        } catch {
            throw SchemaError("cannot be read (\(error))")
        }
    }

    private func decode(
        _ type: CellType, _ item: LuaItem, from arguments: inout LuaReader
    ) throws(SchemaError) -> Value {
        switch (type, item) {
        case (.string(let rule), .string(let text)):
            try rule.check(text)
            return .string(text)
        case (.integer(let rule), .integer(let number)):
            try rule.check(number)
            return .int(number)
        case (.object(let object), .object(let count)): return try decode(object, count, from: &arguments)
        case (.object(let object), .empty): return try object.accept(.object(Object()))
        case (.list(let rule), .list(let count)): return try decode(rule, count, from: &arguments)
        case (.list, .empty): return .list(List())
        case (.map(let rule), .object(let count)): return try decode(rule, count, from: &arguments)
        case (.map, .empty): return .object(Object())
        case (.link(let cell), .node(let node)):
            let link = try link(to: node.id)
            try CellType.check(link, names: cell)
            return .link(link)
        case (.optional, .null): return .null
        case (.optional(let inner), _): return try decode(inner, item, from: &arguments)
        default: return try type.accept(decodeAny(item, from: &arguments))
        }
    }

    /// Fields land in the places of the declaration, which are the object's own order: no sorting, no keys made.
    private func decode(
        _ object: ObjectType, _ count: Int, from arguments: inout LuaReader
    ) throws(SchemaError) -> Value {
        guard var draft = object.draft else { return try decodeWide(object, count, from: &arguments) }
        var unnamed: [(key: String, value: Value)] = []
        for _ in 0..<count {
            if let place = place(of: object, from: &arguments) {
                try decodeField(at: place, of: object, from: &arguments, into: &draft)
                continue
            }
            let key = try key(&arguments)
            if let place = object.place(of: key) {
                try decodeField(at: place, of: object, from: &arguments, into: &draft)
            } else if object.isOpen {
                unnamed.append((key, try decodeField(.any, key, from: &arguments)))
            } else {
                throw object.unknown(key)
            }
        }
        try object.fill(&draft)
        var made = draft.object()
        for (key, value) in unnamed { made[key] = value }
        return .object(made)
    }

    /// Reads a key that is found by its bytes; nil, with nothing read, when it is not.
    private func place(of object: ObjectType, from arguments: inout LuaReader) -> Int? {
        guard let key = try? arguments.keyBytes, let place = object.place(ofBytes: key) else { return nil }
        arguments.skip(key: key)
        return place
    }

    private func decodeField(
        at place: Int, of object: ObjectType, from arguments: inout LuaReader, into draft: inout ObjectDraft
    ) throws(SchemaError) {
        let field = object.fields[place]
        let value = try decodeField(field.type, field.name, from: &arguments)
        if field.isOptional, value.isNull, !field.type.keepsNull { return }
        draft.set(value, at: place)
    }

    /// An object with more fields than a draft has places.
    private func decodeWide(
        _ object: ObjectType, _ count: Int, from arguments: inout LuaReader
    ) throws(SchemaError) -> Value {
        var made = Object()
        for _ in 0..<count {
            let key = try key(&arguments)
            let field = object.place(of: key).map { object.fields[$0] }
            if field == nil, !object.isOpen { throw object.unknown(key) }
            let value = try decodeField(field?.type ?? .any, key, from: &arguments)
            if let field, field.isOptional, value.isNull, !field.type.keepsNull { continue }
            made[key] = value
        }
        try object.complete(&made)
        return .object(made)
    }

    private func decodeField(
        _ type: CellType, _ key: String, from arguments: inout LuaReader
    ) throws(SchemaError) -> Value {
        do throws(SchemaError) {
            return try decode(type, from: &arguments)
        } catch {
            throw error.within(.key(key))
        }
    }

    private func decode(_ rule: ListRule, _ count: Int, from arguments: inout LuaReader) throws(SchemaError) -> Value {
        try rule.check(count: count)
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            do throws(SchemaError) {
                values.append(try decode(rule.element, from: &arguments))
            } catch {
                throw error.within(.index(index))
            }
        }
        return .list(List(values))
    }

    private func decode(_ rule: MapRule, _ count: Int, from arguments: inout LuaReader) throws(SchemaError) -> Value {
        try rule.check(count: count)
        var entries: [(key: String, value: Value)] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let key = try key(&arguments)
            entries.append((key, try decodeField(rule.element, key, from: &arguments)))
        }
        return .object(Object(entries))
    }

    /// What has no declared type: an empty table is an object, all else is as it came.
    private func decodeAny(_ item: LuaItem, from arguments: inout LuaReader) throws(SchemaError) -> Value {
        switch item {
        case .absent, .null: return .null
        case .bool(let truth): return .bool(truth)
        case .integer(let number): return .int(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .empty: return .object(Object())
        case .function: throw SchemaError("a function; functions cannot be stored")
        case .node(let node): return .link(try link(to: node.id))
        case .link(let text):
            guard let link = Link(text) else { throw SchemaError("\(text) is no link") }
            return .link(link)
        case .list(let count): return try decode(ListRule(.any), count, from: &arguments)
        case .object(let count): return try decode(MapRule(.any), count, from: &arguments)
        }
    }

    private func key(_ arguments: inout LuaReader) throws(SchemaError) -> String {
        do throws(LuaFormatError) {
            return try arguments.readKey()
        } catch {
            throw SchemaError("cannot be read (\(error))")
        }
    }

    /// Storing a proxy stores a link to where it leads.
    func link(to id: UInt32) throws(SchemaError) -> Link {
        guard let node = try? nodes[id] else { throw SchemaError("a cell of another run") }
        switch node.kind {
        case .stored: return node.link
        case .cells: throw SchemaError("cells is not a cell; name one: cells.title")
        case .many: throw SchemaError("\(node.path.cell) is made on demand: cells.\(node.path.cell):new {…} makes one")
        case .gone: throw SchemaError("an element that this handler removed")
        case .ephemeral:
            throw SchemaError("\(node.path.title) is ephemeral and cannot be linked; :snapshot() copies it")
        case .derived: throw SchemaError("\(node.path.title) is derived and cannot be linked; :snapshot() copies it")
        }
    }
}

extension ObjectType {
    /// Fills in what is absent, in the places of `fields`.
    /// - Throws: when a field that must be given is absent.
    func fill(_ draft: inout ObjectDraft) throws(SchemaError) {
        for place in fields.indices where !draft.hasValue(at: place) {
            let field = fields[place]
            if let filling = field.filling {
                draft.set(filling, at: place)
            } else if !field.isOptional {
                throw SchemaError("missing, \(field.type.title) is required", at: [.key(field.name)])
            }
        }
    }
}

extension LuaReader {
    /// Whether Lua's nil comes next, or nothing.
    var isAbsent: Bool { nextTag == 0 }

    mutating func takeInt() -> Int64? {
        switch try? next() {
        case .integer(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    mutating func takeNumber() -> Value? {
        switch try? next() {
        case .integer(let number): .int(number)
        case .double(let number): .double(number)
        default: nil
        }
    }

    mutating func takeBool() -> Bool? {
        if case .bool(let truth) = try? next() { return truth }
        return nil
    }

    mutating func takeString() -> String? {
        if case .string(let text) = try? next() { return text }
        return nil
    }

    mutating func takeKey() -> Key? {
        switch try? next() {
        case .string(let text): .name(text)
        case .integer(let number): .number(number)
        default: nil
        }
    }

    /// Reads a proxy if one comes next; else reads nothing.
    mutating func takeNode() -> UInt32? {
        let before = self
        if case .node(let node) = try? next() { return node.id }
        self = before
        return nil
    }

    /// Begins a table of fields: how many follow. Nil for anything else.
    mutating func takeFieldCount() -> Int? {
        switch try? next() {
        case .object(let count): count
        case .empty: 0
        default: nil
        }
    }
}
