extension Value {
    /// The payload when this is a bool, else nil. Nothing is converted here or in the accessors below.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The payload when this is an int, else nil.
    package var int: Int64? { if case .int(let value) = self { value } else { nil } }
    /// The payload when this is a double, else nil.
    package var double: Double? { if case .double(let value) = self { value } else { nil } }
    /// The payload when this is a string, else nil.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The payload when this is a list, else nil.
    package var list: List? { if case .list(let value) = self { value } else { nil } }
    /// The payload when this is an object, else nil.
    package var object: Object? { if case .object(let value) = self { value } else { nil } }
    /// The payload when this is a link, else nil.
    package var link: Link? { if case .link(let value) = self { value } else { nil } }

    /// Whether this is `null`.
    package var isNull: Bool { if case .null = self { true } else { false } }

    /// The payload when this is a list, taken out so that it can be changed in place; `null` stays behind.
    package mutating func takeList() -> List? {
        guard case .list(let list) = self else { return nil }
        self = .null
        return list
    }

    /// The payload when this is an object, taken out so that it can be changed in place; `null` stays behind.
    package mutating func takeObject() -> Object? {
        guard case .object(let object) = self else { return nil }
        self = .null
        return object
    }

    /// What kind of value this is, as messages to people say it: "null", "bool", "int", "double", "string", "list",
    /// "object" or "link".
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .string: "string"
        case .list: "list"
        case .object: "object"
        case .link: "link"
        }
    }

    /// The value at `pointer`, or nil when nothing is there. Links are not followed; `-` names nothing.
    ///
    /// - Complexity: O(d log n) for a pointer of d tokens.
    package func value(at pointer: Pointer) -> Value? {
        var current = self
        for token in pointer.tokens {
            switch current {
            case .object(let object):
                guard let next = object[token] else { return nil }
                current = next
            case .list(let list):
                guard let index = Pointer.index(token), index < list.count else { return nil }
                current = list[index]
            default: return nil
            }
        }
        return current
    }
}

extension Value: CustomStringConvertible {
    /// The canonical JSON text.
    package var description: String { JSON.text(self) }
}
