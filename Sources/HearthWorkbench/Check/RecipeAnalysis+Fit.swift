import HearthLuaSyntax
import HearthRecipes
import HearthValues

/// Whether what is written out fits what is declared.
extension RecipeAnalysis {
    func check(_ value: Expression, fits target: Expression) {
        guard case .part(let path, let type) = quietly({ meaning(of: target) }) else { return }
        check(value, type, path)
    }

    func check(_ value: Expression, _ type: CellType, _ path: String) {
        switch (value.bare.kind, type.required) {
        case (.string(let bytes), .choice(let rule)):
            let text = String(decoding: bytes, as: UTF8.self)
            let known = rule.choices.compactMap(\.string)
            if !known.contains(text) {
                report(.wrongType, at: value.position, "\(path) cannot be \"\(text)\"", Self.hint(text, known))
            }
        case (.string, .integer), (.string, .number), (.string, .boolean), (.string, .list), (.string, .map),
            (.string, .object), (.number, .string), (.number, .boolean), (.number, .list), (.number, .object),
            (.boolean, .string), (.boolean, .integer), (.boolean, .number), (.boolean, .list), (.boolean, .object),
            (.table, .string), (.table, .integer), (.table, .number), (.table, .boolean):
            report(.wrongType, at: value.position, "\(path) is \(type.title), and this is \(value.bare.title)")
        case (.table(let fields), .object(let object)): check(fields, object, path, at: value.position)
        case (.table(let fields), .list(let rule)):
            for case .item(let item) in fields { check(item, rule.element, path + "[…]") }
        case (.table(let fields), .map(let rule)):
            for case .named(_, _, let item) in fields { check(item, rule.element, path + "[…]") }
        default: break
        }
    }

    private func check(_ fields: [TableField], _ object: ObjectType, _ path: String, at position: SyntaxPosition) {
        var given: Set<String> = []
        var isWhole = true
        for field in fields {
            guard case .named(let name, let place, let value) = field else {
                isWhole = false
                continue
            }
            given.insert(name)
            if let type = object[name] {
                check(value, type, "\(path).\(name)")
            } else if !object.isOpen {
                report(
                    .unknownField, at: place, "\(path) has no field \(name)", Self.hint(name, object.fields.map(\.name))
                )
            }
        }
        guard isWhole else { return }
        let missing = object.fields.filter { !given.contains($0.name) && !$0.isOptional && $0.filling == nil }
        if let first = missing.first {
            report(
                .missingField, at: position,
                "\(path) lacks \(missing.map(\.name).joined(separator: ", ")), which must be given",
                "add \(first.name) = …, or declare it t.optional(…)")
        }
    }
}

extension Expression {
    fileprivate var title: String {
        switch kind {
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        default: "a table"
        }
    }
}
