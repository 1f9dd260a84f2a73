import HearthLua
import HearthValues

/// What a recipe's chunk returned, read out of Lua: plain data and handles of functions.
indirect enum Noted: Sendable {
    case absent
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case list([Noted])
    case table([String: Noted])
    /// `{}`: a list or a table.
    case empty
    /// Handle of a function in the VM that it was read from.
    case function(UInt32)

    subscript(_ key: String) -> Noted {
        if case .table(let fields) = self { return fields[key] ?? .absent }
        return .absent
    }

    var isAbsent: Bool {
        if case .absent = self { return true }
        return false
    }

    var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var int: Int64? {
        if case .int(let number) = self { return number }
        return nil
    }

    var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    var bool: Bool? {
        if case .bool(let truth) = self { return truth }
        return nil
    }

    var list: [Noted]? {
        switch self {
        case .list(let items): items
        case .empty: []
        default: nil
        }
    }

    /// Fields by name; nil for what is no table with named fields.
    var table: [String: Noted]? {
        switch self {
        case .table(let fields): fields
        case .empty: [:]
        default: nil
        }
    }

    /// The noted kind of a `t.…` type, nil for anything else.
    var typeKind: String? { self["$type"].string }

    /// The noted kind of a `t.last(…)` and its like.
    var derivedKind: String? { self["$derived"].string }

    /// What messages call it.
    var title: String {
        switch self {
        case .absent: return "nothing"
        case .null: return "hearth.null"
        case .bool: return "a boolean"
        case .int: return "an integer"
        case .double: return "a float"
        case .string(let text): return Value.string(text).shown
        case .function: return "a function"
        case .list, .empty: return "a table"
        case .table:
            if let typeKind { return "the type t.\(typeKind)" }
            if let derivedKind { return "t.\(derivedKind)" }
            return "a table"
        }
    }

    /// Plain data as a value; nil when there is a function or a type in it.
    var value: Value? {
        switch self {
        case .absent, .function: return nil
        case .null: return .null
        case .bool(let truth): return .bool(truth)
        case .int(let number): return .int(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .empty: return .object(Object())
        case .list(let items):
            let values = items.compactMap(\.value)
            return values.count == items.count ? .list(List(values)) : nil
        case .table(let fields):
            var object = Object()
            for (key, item) in fields {
                guard let value = item.value else { return nil }
                object[key] = value
            }
            return .object(object)
        }
    }
}

extension Noted {
    init(_ declaration: Declaration) {
        switch declaration {
        case .absent: self = .absent
        case .null: self = .null
        case .bool(let truth): self = .bool(truth)
        case .integer(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .list(let items): self = .list(items.map(Noted.init))
        case .table(let fields): self = .table(fields.mapValues(Noted.init))
        case .function(let function): self = .function(function.handle.number)
        case .empty: self = .empty
        }
    }
}
