/// What a recipe's chunk returned, read out as plain data.
package indirect enum Declaration: Sendable, Hashable {
    case absent
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case list([Declaration])
    case table([String: Declaration])
    case function(LuaFunction)
    /// `{}`: a list or a table, as the reader needs it.
    case empty

    init(from reader: inout LuaReader, in vm: LuaVM) throws(LuaFormatError) {
        guard !reader.isAtEnd else { throw .cutShort }
        switch try reader.next() {
        case .absent: self = .absent
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .empty: self = .empty
        case .function(let handle): self = .function(LuaFunction(handle: handle, position: vm.position(of: handle)))
        case .link, .node: self = .absent
        case .list(let count):
            var items: [Declaration] = []
            for _ in 0..<count { items.append(try Declaration(from: &reader, in: vm)) }
            self = .list(items)
        case .object(let count):
            var fields: [String: Declaration] = [:]
            for _ in 0..<count {
                let key = try reader.readKey()
                fields[key] = try Declaration(from: &reader, in: vm)
            }
            self = .table(fields)
        }
    }

    /// The field of a table; `.absent` when there is none.
    package subscript(_ name: String) -> Declaration { fields?[name] ?? .absent }

    package var fields: [String: Declaration]? {
        switch self {
        case .table(let fields): fields
        case .empty: [:]
        default: nil
        }
    }

    package var items: [Declaration]? {
        switch self {
        case .list(let items): items
        case .empty: []
        default: nil
        }
    }

    package var isAbsent: Bool { self == .absent }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// An integer or a double.
    package var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    package var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    package var function: LuaFunction? {
        guard case .function(let function) = self else { return nil }
        return function
    }

    /// Where `t.…{}` or `recipe{}` made this table.
    package var position: LuaPosition? {
        guard let file = self["file"].string, let line = self["line"].integer else { return nil }
        return LuaPosition(file: file, line: Int(line))
    }

    /// The Lua type, for error texts.
    package var typeName: String {
        switch self {
        case .absent: "nil"
        case .null: "null"
        case .bool: "boolean"
        case .integer, .double: "number"
        case .string: "string"
        case .list, .table, .empty: "table"
        case .function: "function"
        }
    }
}

/// A function of the declaration and where it is defined.
package struct LuaFunction: Sendable, Hashable {
    package var handle: FunctionHandle
    package var position: LuaPosition?

    package init(handle: FunctionHandle, position: LuaPosition?) {
        self.handle = handle
        self.position = position
    }
}
