package import HearthRecipes
package import HearthValues

/// A recipe's cells and events as TypeScript: what `hearth.js` is generic over.
///
/// Cells are typed as a client sees them: links followed, where one that leads nowhere is null.
package struct TypeScriptTypes {
    private let recipe: Recipe
    private let root: String

    package static func text(of recipe: Recipe) -> String { TypeScriptTypes(recipe).text }

    private init(_ recipe: Recipe) {
        self.recipe = recipe
        root = Self.typeName(recipe.name)
    }

    private var text: String {
        var text = """
            // The cells and events of the recipe \(recipe.name), version \(recipe.version). Made by `hearth types \(recipe.name) --ts`.


            """
        for (name, cell) in recipe.cells.sorted(by: { $0.key < $1.key }) {
            text += "export type \(typeOf(cell: name)) = \(view(cell.type, ""));\n\n"
        }
        text += "export interface \(root)Cells {\n"
        for (name, cell) in recipe.cells.sorted(by: { $0.key < $1.key }) {
            let type = typeOf(cell: name)
            let key =
                switch cell.scope {
                case .room: name
                case .session: "[id: `\(name)@${string}`]"
                case .user: "[id: `\(name)@u:${string}`]"
                case .many: "[id: `\(name).${string}`]"
                }
            text += "  readonly \(key): \(type)" + (cell.scope == .room ? "" : " | undefined") + ";\n"
        }
        for derived in recipe.derived { text += "  readonly \(derived.name): \(view(derived));\n" }
        text += "}\n\nexport interface \(root)Events {\n"
        for (name, handler) in recipe.handlers.sorted(by: { $0.key < $1.key }) {
            // Nothing at all is taken for an object without fields.
            let data = handler.data.map { input($0, "  ") } ?? "unknown"
            text += "  \(name): \(data)" + (handler.data.map(Self.mayBeLeftOut) == true ? " | undefined" : "") + ";\n"
        }
        text += """
            }

            /** For `connect<\(root)>(…)` of hearth.js. */
            export interface \(root) {
              cells: \(root)Cells;
              events: \(root)Events;
            }

            """
        return text
    }

    private static func mayBeLeftOut(_ type: CellType) -> Bool {
        guard case .object(let object) = type else { return false }
        return object.fields.allSatisfy { $0.isOptional || $0.filling != nil }
    }

    private static func typeName(_ name: String) -> String {
        name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private func typeOf(cell: String) -> String { root + Self.typeName(cell) }

    // MARK: - As it is seen

    private func view(_ type: CellType, _ indent: String) -> String {
        switch type {
        case .link(let cell):
            if let cell, recipe.cells[cell] != nil { return "\(typeOf(cell: cell)) | null" }
            // A link without a cell may lead anywhere.
            return "any"
        case .optional(let inner): return view(inner, indent)
        case .list(let rule): return "ReadonlyArray<\(view(rule.element, indent))>"
        case .map(let rule): return "{ readonly [key: string]: \(view(rule.element, indent)) }"
        case .object(let object):
            return record(object, indent, "readonly ") { field in
                (view(field.type, indent + "  "), field.isOptional)
            }
        default: return scalar(type)
        }
    }

    private func view(_ derived: DerivedDeclaration) -> String {
        guard case .kept(let rule) = derived.source else { return "any" }
        let source = recipe.cells[rule.list]?.type.required
        let element =
            switch source {
            case .list(let rule): view(rule.element, "  ")
            case .map(let rule): view(rule.element, "  ")
            default: "any"
            }
        switch rule.operation {
        case .last, .where, .sort: return "ReadonlyArray<\(element)>"
        case .count, .sum: return "number"
        case .map(_, let value): return "{ readonly [key: string]: \(value == nil ? element : "any") }"
        case .group: return "{ readonly [key: string]: ReadonlyArray<\(element)> }"
        }
    }

    // MARK: - As it is sent

    private func input(_ type: CellType, _ indent: String) -> String {
        switch type {
        case .link: return "{ $ref: string }"
        case .optional(let inner): return input(inner, indent)
        case .list(let rule): return "Array<\(input(rule.element, indent))>"
        case .map(let rule): return "{ [key: string]: \(input(rule.element, indent)) }"
        case .object(let object):
            return record(object, indent, "") { field in
                (input(field.type, indent + "  "), field.isOptional || field.filling != nil)
            }
        default: return scalar(type)
        }
    }

    private func record(
        _ object: ObjectType, _ indent: String, _ modifier: String,
        _ body: (ObjectType.Field) -> (type: String, isOptional: Bool)
    ) -> String {
        var lines = object.fields.map { field in
            let (type, isOptional) = body(field)
            return "\(indent)  \(modifier)\(Self.key(field.name))\(isOptional ? "?" : ""): \(type);"
        }
        if object.isOpen { lines.append("\(indent)  [key: string]: any;") }
        return lines.isEmpty ? "{}" : "{\n" + lines.joined(separator: "\n") + "\n\(indent)}"
    }

    private func scalar(_ type: CellType) -> String {
        switch type {
        case .string: "string"
        case .integer, .number: "number"
        case .boolean: "boolean"
        case .choice(let rule): rule.choices.map { JSON.text($0) }.joined(separator: " | ")
        default: "any"
        }
    }

    private static func key(_ name: String) -> String {
        name.wholeMatch(of: /[A-Za-z_$][\w$]*/) == nil ? JSON.text(.string(name)) : name
    }
}

/// A recipe's cells and events as one JSON Schema (draft 2020-12).
package enum SchemaDocument {
    package static func value(of recipe: Recipe) -> Value {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(recipe.name),
            "x-version": .int(recipe.version), "type": "object",
            "properties": [
                "cells": properties(recipe.cells.mapValues { $0.type.jsonSchema }),
                "events": properties(recipe.handlers.mapValues { ($0.data ?? .any).jsonSchema }),
            ],
        ]
    }

    private static func properties(_ schemas: [String: Value]) -> Value {
        let fields = schemas.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        return ["type": "object", "properties": .object(Object(fields))]
    }
}
