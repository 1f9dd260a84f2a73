import HearthValues

extension Value {
    /// "a string", "an integer": what messages call it.
    var kindTitle: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double: "a float"
        case .string: "a string"
        case .list: "a list"
        case .object: "an object"
        case .link: "a link"
        }
    }

    /// The value as it stands in a message: short, quoted where it is text.
    var shown: String {
        switch self {
        case .list, .object, .link: return kindTitle
        case .string(let text) where text.utf8.count > 40:
            return JSON.text(.string(String(text.prefix(36)) + "…"))
        default: return JSON.text(self)
        }
    }
}
