package import HearthValues

extension CellType {
    /// Checks a value against the type.
    /// - Returns: the value with absent fields filled in from their defaults.
    /// - Throws: ``SchemaError`` naming the first part that does not fit and the rule that it broke.
    /// - Complexity: linear in the size of the value.
    package func accept(_ value: Value) throws(SchemaError) -> Value {
        switch self {
        case .any: return value
        case .string(let rule):
            guard case .string(let text) = value else { throw mismatch(value) }
            try rule.check(text)
        case .integer(let rule):
            guard case .int(let number) = value else { throw mismatch(value) }
            try rule.check(number)
        case .number(let rule):
            switch value {
            case .int(let number): try rule.check(Double(number), shown: String(number))
            case .double(let number): try rule.check(number, shown: String(number))
            default: throw mismatch(value)
            }
        case .boolean:
            guard case .bool = value else { throw mismatch(value) }
        case .choice(let rule):
            guard rule.choices.contains(value) else { throw SchemaError("\(value.shown), one of \(rule.list)") }
        case .optional(let inner):
            if case .null = value { return value }
            return try inner.accept(value)
        case .link(let cell):
            guard case .link(let link) = value else { throw mismatch(value) }
            try CellType.check(link, names: cell)
        case .list(let rule): return try rule.accept(value)
        case .map(let rule): return try rule.accept(value)
        case .object(let object): return try object.accept(value)
        }
        return value
    }

    /// Checks a value that stands at `path`; the error's steps begin at the root of the path's cell.
    package func validate(_ value: Value, at path: Path) throws(SchemaError) {
        do {
            _ = try accept(value)
        } catch {
            throw error.within(path)
        }
    }

    static func check(_ link: Link, names cell: String?) throws(SchemaError) {
        guard let cell, !link.names(cell) else { return }
        throw SchemaError("a link to \(CellID.name(of: link.cell)), expected a link to \(cell)")
    }

    func mismatch(_ value: Value) -> SchemaError {
        if case .link(let link) = value {
            return SchemaError(
                "a link to \(link.text), expected \(title) (:snapshot() stores a copy, t.link declares a link)")
        }
        if case .integer = self, case .double(let number) = value {
            return SchemaError("\(number) is a float, expected an integer (math.tointeger, math.floor or // make one)")
        }
        return SchemaError("\(value.kindTitle), expected \(title)")
    }
}

extension StringRule {
    func check(_ text: String) throws(SchemaError) {
        // A character has 1 to 4 bytes: most texts need no counting.
        let bytes = text.utf8.count
        if bytes > max ?? .max || bytes / 4 < min ?? 0 {
            let count = text.unicodeScalars.count
            if let min, count < min { throw SchemaError("\(count) characters, at least \(min)") }
            if let max, count > max { throw SchemaError("\(count) characters, at most \(max)") }
        }
        if let pattern, !pattern.matches(text) {
            throw SchemaError("\(Value.string(text).shown) does not match the pattern \(pattern.source)")
        }
    }
}

extension IntegerRule {
    func check(_ number: Int64) throws(SchemaError) {
        if let min, number < min { throw SchemaError("\(number), at least \(min)") }
        if let max, number > max { throw SchemaError("\(number), at most \(max)") }
    }
}

extension NumberRule {
    func check(_ number: Double, shown: String) throws(SchemaError) {
        if let min, number < min { throw SchemaError("\(shown), at least \(min.plain)") }
        if let max, number > max { throw SchemaError("\(shown), at most \(max.plain)") }
    }
}

extension ListRule {
    func accept(_ value: Value) throws(SchemaError) -> Value {
        guard case .list(let list) = value else { throw CellType.list(self).mismatch(value) }
        try check(count: list.count)
        if case .any = element { return value }
        var filled: [Value] = []
        filled.reserveCapacity(list.count)
        var place = 0
        for item in list {
            do {
                filled.append(try element.accept(item))
            } catch {
                throw error.within(.index(place))
            }
            place += 1
        }
        return .list(List(filled))
    }

    func check(count: Int) throws(SchemaError) {
        if let max, count > max { throw SchemaError("\(count) elements, at most \(max)") }
    }
}

extension MapRule {
    func accept(_ value: Value) throws(SchemaError) -> Value {
        guard case .object(let object) = value else { throw CellType.map(self).mismatch(value) }
        try check(count: object.count)
        if case .any = element { return value }
        var filled = Object()
        for (key, item) in object {
            do {
                filled[key] = try element.accept(item)
            } catch {
                throw error.within(.key(key))
            }
        }
        return .object(filled)
    }

    func check(count: Int) throws(SchemaError) {
        if let max, count > max { throw SchemaError("\(count) keys, at most \(max)") }
    }
}

extension ObjectType {
    func accept(_ value: Value) throws(SchemaError) -> Value {
        guard case .object(let object) = value else { throw CellType.object(self).mismatch(value) }
        if hasOnlyScalars, object.count == fields.count, try acceptAsItIs(object) { return value }
        var filled = Object()
        for (key, item) in object {
            guard let place = place(of: key) else {
                if !isOpen { throw unknown(key) }
                filled[key] = item
                continue
            }
            let field = fields[place]
            if field.isOptional, case .null = item, !field.type.keepsNull { continue }
            do {
                filled[key] = try field.type.accept(item)
            } catch {
                throw error.within(.key(key))
            }
        }
        try complete(&filled)
        return .object(filled)
    }

    /// Checks an object that has just the fields that are declared, none of which is filled in.
    /// - Returns: false when it has others.
    private func acceptAsItIs(_ object: Object) throws(SchemaError) -> Bool {
        for place in fields.indices {
            let (key, item) = object.entry(at: place)
            if !key.hasSameBytes(as: fields[place].name) { return false }
            do {
                _ = try fields[place].type.accept(item)
            } catch {
                throw error.within(.key(key))
            }
        }
        return true
    }

    /// Fills in what was left out.
    /// - Throws: when a field that must be given is absent.
    func complete(_ object: inout Object) throws(SchemaError) {
        for field in fields where object[field.name] == nil {
            if let filling = field.filling {
                object[field.name] = filling
            } else if !field.isOptional {
                throw SchemaError("missing, \(field.type.title) is required", at: [.key(field.name)])
            }
        }
    }

    func unknown(_ key: String) -> SchemaError {
        let known = fields.map(\.name)
        let hint =
            Spelling.nearest(to: key, among: known).map { "did you mean \($0)?" }
            ?? (known.isEmpty ? "the object has no fields" : "fields are \(known.joined(separator: ", "))")
        return SchemaError("unknown field, \(hint)", at: [.key(key)])
    }
}

extension CellType {
    /// Whether JSON null is a value of its own here, and not just another way to write absence.
    var keepsNull: Bool {
        if case .any = required { return true }
        return false
    }
}

extension Double {
    /// Whole numbers without their ".0", as limits are written.
    var plain: String {
        if let whole = Int64(exactly: self) { return String(whole) }
        return String(self)
    }
}
