package import HearthValues

/// A value that does not fit its declared type: where, and which rule it broke.
package struct SchemaError: Error, Sendable, Hashable {
    /// The id of the cell that the value is for; nil for the data of an event.
    package var cell: String?
    /// From the root of the cell, or of the data, to the part that does not fit.
    package var steps: [Step]
    /// What was found and what the rule asks for: "0 characters, at least 1".
    package var rule: String

    package init(_ rule: String, at steps: [Step] = [], cell: String? = nil) {
        self.rule = rule
        self.steps = steps
        self.cell = cell
    }

    /// "text: 0 characters, at least 1" for data, "messages/3/text: 0 characters, at least 1" for a cell.
    package var message: String {
        let names = (cell.map { [$0] } ?? []) + steps.map(\.token)
        return "\(names.isEmpty ? "data" : names.joined(separator: "/")): \(rule)"
    }

    /// RFC 6901 pointer to the part that does not fit; begins with the cell's id when there is one.
    package var pointer: String {
        Pointer(tokens: (cell.map { [$0] } ?? []) + steps.map(\.token)).description
    }

    /// The same error, seen from one level further out.
    func within(_ step: Step) -> SchemaError {
        SchemaError(rule, at: [step] + steps, cell: cell)
    }

    /// The same error of a value that stands at `path`.
    func within(_ path: Path) -> SchemaError {
        SchemaError(rule, at: path.steps + steps, cell: path.cell)
    }
}
