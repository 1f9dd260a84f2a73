package import HearthValues

extension CellType {
    /// The value that stands in for a field that was left out of an object: its `default`, or the empty container.
    /// Nil when the field must be given, or is optional and simply absent.
    var filling: Value? {
        switch self {
        case .string(let rule): rule.initial.map { .string($0) }
        case .integer(let rule): rule.initial.map { .int($0) }
        case .number(let rule): rule.initial
        case .boolean(let initial): initial.map { .bool($0) }
        case .choice(let rule): rule.initial
        case .list: .list(List())
        case .map: .object(Object())
        case .object(let object): object.filling
        case .optional(let inner): inner.explicitDefault
        case .any, .link: nil
        }
    }

    /// The `default` that the recipe wrote, if it wrote one. An optional container stays absent.
    private var explicitDefault: Value? {
        switch self {
        case .list, .map, .object: nil
        default: filling
        }
    }

    /// What a cell of this type holds before anything was written to it: defaults where there are some, else the
    /// value nearest to nothing that the type accepts. Nil where the type has no such value: it reads as absent.
    package var initial: Value? {
        if let filling { return filling }
        switch self {
        case .string(let rule):
            return accepts(.string("")) && rule.initial == nil ? .string("") : nil
        case .integer(let rule):
            return .int(Swift.min(Swift.max(0, rule.min ?? 0), rule.max ?? Int64.max))
        case .number(let rule):
            let nearest = Swift.min(Swift.max(0, rule.min ?? 0), rule.max ?? 0)
            return nearest == 0 ? .int(0) : .double(nearest)
        case .boolean: return .bool(false)
        case .choice(let rule): return rule.choices.first
        case .object(let object): return object.initial
        case .any, .optional, .link, .list, .map: return nil
        }
    }

    /// Whether a value fits, without saying why not.
    package func accepts(_ value: Value) -> Bool {
        (try? accept(value)) != nil
    }
}

extension ObjectType {
    /// The object made of its fields' fillings, if every field has one or is optional.
    var filling: Value? {
        var object = Object()
        for field in fields {
            if let value = field.filling { object[field.name] = value } else if !field.isOptional { return nil }
        }
        return .object(object)
    }

    /// The object made of what its fields hold at first; fields without such a value are left out.
    var initial: Value {
        var object = Object()
        for field in fields {
            if let value = field.type.initial { object[field.name] = value }
        }
        return .object(object)
    }
}
