// No nil literal: `object[key] = nil` must remove the key, not store a null.

extension Value: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .int(value) }
}

extension Value: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .double(value) }
}

extension Value: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Value...) { self = .list(List(elements)) }
}

extension Value: ExpressibleByDictionaryLiteral {
    /// A key given twice keeps its last value.
    package init(dictionaryLiteral elements: (String, Value)...) {
        self = .object(Object(entries: elements.map { ObjectEntry(key: $0.0, value: $0.1) }))
    }
}
