package import HearthValues

extension LuaReader {
    /// Reads one item as a value; nil for Lua's nil. An empty table reads as an empty object: where a list is declared,
    /// the caller takes that for an empty list (`hearth.list{}` reads as a list).
    ///
    /// - Parameter node: what a node stores as, a link for instance; nil refuses it.
    /// - Throws: `.notAValue` for a function, a link that does not parse, or a node that `node` refuses.
    package mutating func readValue(
        node: (LuaNode) -> Value? = { _ in nil }
    ) throws(LuaFormatError) -> Value? {
        guard nextTag != Tag.absent else {
            _ = try next()
            return nil
        }
        return try readPresent(node)
    }

    private mutating func readPresent(_ node: (LuaNode) -> Value?) throws(LuaFormatError) -> Value {
        guard !isAtEnd else { throw .cutShort }
        switch try next() {
        case .absent, .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .empty: return .object(Object())
        case .function: throw .notAValue
        case .list(let count): return .list(try readItems(count, node))
        case .object(let count): return .object(try readFields(count, node))
        case .node(let found):
            guard let value = node(found) else { throw .notAValue }
            return value
        case .link(let text):
            guard let link = Link(text) else { throw .notAValue }
            return .link(link)
        }
    }

    private mutating func readItems(_ count: Int, _ node: (LuaNode) -> Value?) throws(LuaFormatError) -> List {
        var items: [Value] = []
        items.reserveCapacity(min(count, bytesLeft))
        for _ in 0..<count { items.append(try readPresent(node)) }
        return List(items)
    }

    private mutating func readFields(_ count: Int, _ node: (LuaNode) -> Value?) throws(LuaFormatError) -> Object {
        var fields: [(key: String, value: Value)] = []
        fields.reserveCapacity(min(count, bytesLeft))
        for _ in 0..<count {
            let key = try readKey()
            fields.append((key, try readPresent(node)))
        }
        return Object(fields)
    }
}

extension LuaWriter {
    package mutating func write(_ value: Value) {
        switch value {
        case .null: writeNull()
        case .bool(let flag): write(flag)
        case .int(let number): write(number)
        case .double(let number): write(number)
        case .string(let text): write(text)
        case .link(let link): writeLink(link.text)
        case .list(let items):
            beginList(count: items.count)
            for item in items { write(item) }
        case .object(let fields):
            beginObject(count: fields.count)
            for (key, item) in fields {
                writeKey(key)
                write(item)
            }
        }
    }
}
