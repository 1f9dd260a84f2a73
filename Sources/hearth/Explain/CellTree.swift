import HearthValues

/// Cells as a tree, for people.
struct CellTree {
    /// Of a list or object, how many of its parts are shown.
    var partsMax = 20

    func lines(_ cells: Object) -> [String] {
        cells.map { $0 }.sorted { $0.key < $1.key }.flatMap { lines($0.value, named: $0.key, indent: "") }
    }

    private func lines(_ value: Value, named name: String, indent: String) -> [String] {
        let title = indent + Terminal.coloured(name, .bold)
        if let link = Self.link(value) { return ["\(title) → \(link)"] }
        switch value {
        case .object(let object) where !object.isEmpty:
            let rows = object.prefix(partsMax).flatMap { lines($0.value, named: $0.key, indent: indent + "  ") }
            return [title] + rows + rest(object.count, indent)
        case .list(let list) where !list.isEmpty:
            // The newest stand at the end.
            let first = max(0, list.count - partsMax)
            let rows = list.enumerated().dropFirst(first).flatMap {
                lines($0.element, named: "\($0.offset)", indent: indent + "  ")
            }
            let size = Terminal.coloured(" list of \(ProgressLine.grouped(list.count))", .dim)
            let left =
                first == 0 ? [] : [indent + "  " + Terminal.coloured("\(ProgressLine.grouped(first)) before", .dim)]
            return [title + size] + left + rows
        default: return ["\(title) \(StoryText.short(value))"]
        }
    }

    private func rest(_ count: Int, _ indent: String) -> [String] {
        count > partsMax ? [indent + "  " + Terminal.coloured("and \(count - partsMax) more", .dim)] : []
    }

    /// Where a link leads; nil for what is none.
    static func link(_ value: Value) -> String? {
        switch value {
        case .link(let link): link.description
        case .object(let object) where object.count == 1: object["$ref"]?.string
        default: nil
        }
    }

    /// One line for each operation of a patch.
    static func lines(_ patch: [PatchOperation], most: Int = 40) -> [String] {
        var lines = patch.prefix(most).map { operation in
            let sign =
                switch operation {
                case .add: Terminal.coloured("+", .green)
                case .remove: Terminal.coloured("-", .red)
                case .replace, .test: "~"
                }
            let value = operation.value.map { " " + (link($0).map { "→ \($0)" } ?? StoryText.short($0)) } ?? ""
            return "  \(sign) \(operation.pointer.description)\(value)"
        }
        if patch.count > most { lines.append("  and \(ProgressLine.grouped(patch.count - most)) more") }
        return lines
    }
}
