package import HearthValues

extension CellType {
    /// The type as a JSON Schema (draft 2020-12). A Lua pattern has no exact counterpart there and is published as
    /// `x-lua-pattern`; a link says in `x-link` to which cell.
    package var jsonSchema: Value {
        var schema = Object()
        switch self {
        case .any: break
        case .string(let rule):
            schema["type"] = "string"
            schema["minLength"] = rule.min.map { .int(Int64($0)) }
            schema["maxLength"] = rule.max.map { .int(Int64($0)) }
            schema["x-lua-pattern"] = rule.pattern.map { .string($0.source) }
            schema["default"] = filling
        case .integer(let rule):
            schema["type"] = "integer"
            schema["minimum"] = rule.min.map { .int($0) }
            schema["maximum"] = rule.max.map { .int($0) }
            schema["default"] = filling
        case .number(let rule):
            schema["type"] = "number"
            schema["minimum"] = rule.min.map { $0.schemaNumber }
            schema["maximum"] = rule.max.map { $0.schemaNumber }
            schema["default"] = filling
        case .boolean:
            schema["type"] = "boolean"
            schema["default"] = filling
        case .choice(let rule):
            schema["enum"] = .list(List(rule.choices))
            schema["default"] = filling
        case .list(let rule):
            schema["type"] = "array"
            schema["items"] = rule.element.jsonSchema
            schema["maxItems"] = rule.max.map { .int(Int64($0)) }
        case .map(let rule):
            schema["type"] = "object"
            schema["additionalProperties"] = rule.element.jsonSchema
            schema["maxProperties"] = rule.max.map { .int(Int64($0)) }
        case .object(let object): schema = object.jsonSchema
        case .optional(let inner): return inner.jsonSchema
        case .link(let cell): schema = CellType.linkSchema(cell)
        }
        return .object(schema)
    }

    private static func linkSchema(_ cell: String?) -> Object {
        var schema = Object()
        schema["type"] = "object"
        schema["properties"] = .object(["$ref": .object(["type": "string"])])
        schema["required"] = .list(["$ref"])
        schema["additionalProperties"] = .bool(false)
        schema["x-link"] = cell.map { .string($0) } ?? .bool(true)
        return schema
    }
}

extension ObjectType {
    var jsonSchema: Object {
        var properties = Object()
        var required: [Value] = []
        for field in fields {
            properties[field.name] = field.type.jsonSchema
            if !field.isOptional, field.filling == nil { required.append(.string(field.name)) }
        }
        var schema = Object()
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        if !required.isEmpty { schema["required"] = .list(List(required)) }
        schema["additionalProperties"] = .bool(isOpen)
        return schema
    }
}

extension Double {
    /// Whole limits as integers, as people write them.
    fileprivate var schemaNumber: Value {
        Int64(exactly: self).map { .int($0) } ?? .double(self)
    }
}
