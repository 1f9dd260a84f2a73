import HearthValues

/// A value as one would write it in Lua; a link is an arrow to what it leads to. What is long stands on several lines.
enum LuaText {
    private static let width = 80
    /// Of a list or object, how many of its parts are shown.
    private static let partsMax = 100

    static func text(_ value: Value) -> String { text(value, indent: "") }

    /// What a line of the console returned: nil where it was nil.
    static func text(_ value: Value?) -> String { value.map { text($0) } ?? "nil" }

    private static func text(_ value: Value, indent: String) -> String {
        if let link = CellTree.link(value) { return "→ \(link)" }
        switch value {
        case .null: return "null"
        case .string(let text): return quoted(text)
        case .list(let list):
            // The newest stand at the end.
            let first = max(0, list.count - partsMax)
            let before = first > 0 ? ["… \(ProgressLine.grouped(first)) before"] : []
            return table(before + list.dropFirst(first).map { text($0, indent: indent + "  ") }, indent)
        case .object(let object):
            let parts = object.prefix(partsMax).map { "\(key($0.key)) = \(text($0.value, indent: indent + "  "))" }
            let more = object.count > partsMax ? ["… and \(ProgressLine.grouped(object.count - partsMax)) more"] : []
            return table(parts + more, indent)
        default: return JSON.text(value)
        }
    }

    private static func table(_ parts: [String], _ indent: String) -> String {
        if parts.isEmpty { return "{}" }
        let line = "{ " + parts.joined(separator: ", ") + " }"
        if line.count + indent.count <= width, !line.contains("\n") { return line }
        let inner = indent + "  "
        return "{\n" + parts.map { inner + $0 + ",\n" }.joined() + indent + "}"
    }

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]

    private static func key(_ key: String) -> String {
        let isName =
            key.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
            && key.utf8.allSatisfy { $0 == 0x5f || (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf) }
        return isName && !keywords.contains(key) ? key : "[\(quoted(key))]"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.properties.generalCategory == .control:
                quoted += "\\u{\(String(scalar.value, radix: 16))}"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
