import Foundation
import HearthValues

/// A value held as simply as can be, with a reader, pointers and patches written for that alone: the oracle.
indirect enum Naive: Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(UInt64)
    case string([UInt8])
    case list([Naive])
    case object([Field])

    /// In the order of their first appearance; of two with the same name the later value counts.
    struct Field: Equatable {
        var name: [UInt8]
        var value: Naive
    }

    init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number.bitPattern)
        case .string(let text): self = .string(Array(text.utf8))
        case .list(let list): self = .list(list.map(Naive.init))
        case .object(let object):
            self = .object(object.map { Field(name: Array($0.key.utf8), value: Naive($0.value)) })
        case .link(let link): self = .object([Field(name: Array("$ref".utf8), value: .string(Array(link.text.utf8)))])
        }
    }

    /// Names in order of their bytes: two that are equal as JSON are equal as this.
    var sorted: Naive {
        switch self {
        case .list(let items): .list(items.map(\.sorted))
        case .object(let fields):
            .object(
                fields.map { Field(name: $0.name, value: $0.value.sorted) }
                    .sorted { $0.name.lexicographicallyPrecedes($1.name) })
        default: self
        }
    }

    /// The text of RFC 6901 as tokens; nil when it is none.
    static func tokens(_ text: [UInt8]) -> [[UInt8]]? {
        if text.isEmpty { return [] }
        guard text[0] == 0x2F else { return nil }
        var tokens: [[UInt8]] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == 0x2F {
                tokens.append([])
            } else if byte == 0x7E {
                guard let code = rest.popFirst(), code == 0x30 || code == 0x31 else { return nil }
                tokens[tokens.count - 1].append(code == 0x30 ? 0x7E : 0x2F)
            } else {
                tokens[tokens.count - 1].append(byte)
            }
        }
        return tokens
    }

    private static func index(_ token: [UInt8], _ end: Int) -> Int? {
        (0..<end).first { Array(String($0).utf8) == token }
    }

    func at(_ tokens: ArraySlice<[UInt8]>) -> Naive? {
        guard let token = tokens.first else { return self }
        switch self {
        case .list(let items): return Self.index(token, items.count).flatMap { items[$0].at(tokens.dropFirst()) }
        case .object(let fields):
            return fields.first { $0.name == token }.flatMap { $0.value.at(tokens.dropFirst()) }
        default: return nil
        }
    }

    /// What `change` makes of the place at `tokens`; nil when it cannot be.
    private func changed(
        _ tokens: ArraySlice<[UInt8]>, _ last: (Naive, [UInt8]) -> Naive?
    ) -> Naive? {
        guard let token = tokens.first else { return nil }
        if tokens.count == 1 { return last(self, token) }
        switch self {
        case .list(var items):
            guard let index = Self.index(token, items.count),
                let item = items[index].changed(tokens.dropFirst(), last)
            else { return nil }
            items[index] = item
            return .list(items)
        case .object(var fields):
            guard let index = fields.firstIndex(where: { $0.name == token }),
                let value = fields[index].value.changed(tokens.dropFirst(), last)
            else { return nil }
            fields[index].value = value
            return .object(fields)
        default: return nil
        }
    }

    func added(_ tokens: [[UInt8]], _ value: Naive) -> Naive? {
        if tokens.isEmpty { return value }
        return changed(tokens[...]) { holder, token in
            switch holder {
            case .list(var items):
                let end = token == [0x2D] ? items.count : Self.index(token, items.count + 1)
                guard let end else { return nil }
                items.insert(value, at: end)
                return .list(items)
            case .object(let fields):
                return .object(fields.filter { $0.name != token } + [Field(name: token, value: value)])
            default: return nil
            }
        }
    }

    func removed(_ tokens: [[UInt8]]) -> Naive? {
        if tokens.isEmpty { return .null }
        return changed(tokens[...]) { holder, token in
            switch holder {
            case .list(var items):
                guard let index = Self.index(token, items.count) else { return nil }
                items.remove(at: index)
                return .list(items)
            case .object(let fields):
                let rest = fields.filter { $0.name != token }
                return rest.count == fields.count ? nil : .object(rest)
            default: return nil
            }
        }
    }

    /// Numbers by their value, as RFC 6902 says of `test`.
    func isLike(_ other: Naive) -> Bool {
        switch (self, other) {
        case (.double(let one), .double(let two)): return Double(bitPattern: one) == Double(bitPattern: two)
        case (.int(let one), .double(let two)), (.double(let two), .int(let one)):
            return Int64(exactly: Double(bitPattern: two)) == one
        case (.list(let one), .list(let two)):
            return one.count == two.count && zip(one, two).allSatisfy { $0.isLike($1) }
        case (.object(let one), .object(let two)):
            return one.count == two.count
                && one.allSatisfy { field in two.contains { $0.name == field.name && $0.value.isLike(field.value) } }
        default: return self == other
        }
    }

    /// The document after a patch in JSON; nil when it is none, or an operation fails.
    func patched(_ patch: Naive) -> Naive? {
        guard case .list(let operations) = patch else { return nil }
        // A patch is read as a whole before any of it is applied.
        let steps = operations.map { Self.step($0) }
        return steps.reduce(Optional(self)) { document, step in document.flatMap { step?($0) } }
    }

    private static func step(_ operation: Naive) -> ((Naive) -> Naive?)? {
        guard case .string(let name)? = operation.field("op"), case .string(let path)? = operation.field("path"),
            let tokens = tokens(path)
        else { return nil }
        if name == Array("remove".utf8) { return { $0.removed(tokens) } }
        guard let value = operation.field("value") else { return nil }
        switch String(decoding: name, as: UTF8.self) {
        case "add": return { $0.added(tokens, value) }
        case "replace":
            return { document in
                guard document.at(tokens[...]) != nil else { return nil }
                return tokens.isEmpty
                    ? value
                    : document.changed(tokens[...]) { holder, token in
                        switch holder {
                        case .list(var items):
                            guard let index = index(token, items.count) else { return nil }
                            items[index] = value
                            return .list(items)
                        case .object(var fields):
                            guard let index = fields.firstIndex(where: { $0.name == token }) else { return nil }
                            fields[index].value = value
                            return .object(fields)
                        default: return nil
                        }
                    }
            }
        case "test": return { $0.at(tokens[...])?.isLike(value) == true ? $0 : nil }
        default: return nil
        }
    }

    private func field(_ name: String) -> Naive? { at([Array(name.utf8)]) }
}

/// A reader of RFC 8259 that is a page long. Nil for all that the RFC or ``JSON`` refuses.
struct NaiveReader {
    private var rest: ArraySlice<UInt8>
    private var depth = 0

    static func read(_ bytes: [UInt8]) -> Naive? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = NaiveReader(rest: bytes[...])
        guard let value = reader.value() else { return nil }
        reader.space()
        return reader.rest.isEmpty ? value : nil
    }

    private mutating func space() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func value() -> Naive? {
        space()
        if take("null") { return .null }
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("\"") { return string().map { .string($0) } }
        if take("[") { return nested { $0.list() } }
        if take("{") { return nested { $0.object() } }
        return number()
    }

    private mutating func nested(_ body: (inout NaiveReader) -> Naive?) -> Naive? {
        depth += 1
        defer { depth -= 1 }
        return depth > JSONLimits.default.depthMax ? nil : body(&self)
    }

    private mutating func list() -> Naive? {
        space()
        if take("]") { return .list([]) }
        var items: [Naive] = []
        while let item = value() {
            items.append(item)
            space()
            if take("]") { return .list(items) }
            if !take(",") { return nil }
        }
        return nil
    }

    private mutating func object() -> Naive? {
        space()
        if take("}") { return .object([]) }
        var fields: [Naive.Field] = []
        while true {
            space()
            guard take("\""), let name = string() else { return nil }
            space()
            guard take(":"), let value = value() else { return nil }
            fields.removeAll { $0.name == name }
            fields.append(.init(name: name, value: value))
            space()
            if take("}") { return .object(fields) }
            if !take(",") { return nil }
        }
    }

    private mutating func string() -> [UInt8]? {
        var units: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x22 { return units }
            if byte < 0x20 { return nil }
            guard byte == 0x5C else {
                units.append(byte)
                continue
            }
            guard let code = rest.popFirst() else { return nil }
            let plain: [UInt8: UInt8] = [
                0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
            ]
            if let byte = plain[code] {
                units.append(byte)
            } else if code == 0x75, let scalar = scalar() {
                units += Array(String(Character(scalar)).utf8)
            } else {
                return nil
            }
        }
        return nil
    }

    private mutating func scalar() -> Unicode.Scalar? {
        guard let high = unit() else { return nil }
        guard (0xD800...0xDFFF).contains(high) else { return Unicode.Scalar(high) }
        guard high < 0xDC00, take("\\u"), let low = unit(), (0xDC00...0xDFFF).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func digits() -> Bool {
        let before = rest.count
        rest = rest.drop { (0x30...0x39).contains($0) }
        return rest.count < before
    }

    private mutating func number() -> Naive? {
        let start = rest
        _ = take("-")
        if !take("0"), !digits() { return nil }
        var isWhole = true
        if take(".") {
            isWhole = false
            if !digits() { return nil }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            if !digits() { return nil }
        }
        let text = String(decoding: start.prefix(start.count - rest.count), as: UTF8.self)
        if isWhole, text != "-0", let whole = Int64(text) { return .int(whole) }
        let number = strtod(text, nil)
        return number.isFinite ? .double(number.bitPattern) : nil
    }
}
