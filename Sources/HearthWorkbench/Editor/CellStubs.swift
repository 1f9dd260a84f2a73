package import HearthRecipes
import HearthValues

/// Classes for LuaLS of one recipe's cells and of what its handlers are sent: `---@param cells hearth.chat.Cells`.
package struct CellStubs {
    private var classes: [String] = []
    private let prefix: String

    package static func text(of recipe: Recipe) -> String {
        var stubs = CellStubs(prefix: "hearth." + recipe.name.replacing("-", with: "_"))
        return stubs.write(recipe)
    }

    private init(prefix: String) { self.prefix = prefix }

    private mutating func write(_ recipe: Recipe) -> String {
        var fields: [String] = []
        for (name, cell) in recipe.cells.sorted(by: { $0.key < $1.key }) {
            let type = type(of: cell.type, named: "\(prefix).\(name)", links: recipe)
            fields.append("---@field \(name) " + (cell.scope == .many ? "hearth.Many" : type))
        }
        fields += recipe.derivedNames.sorted().map { "---@field \($0) any" }
        var data: [String] = []
        for (name, handler) in recipe.handlers.sorted(by: { $0.key < $1.key }) {
            guard let schema = handler.data else { continue }
            let made = plain(schema)
            data.append("---@alias \(prefix).data.\(name) \(made)\n")
        }
        return "---@meta\n\(EditorFiles.mark)\n\n" + classes.joined(separator: "\n") + "\n---@class \(prefix).Cells\n"
            + fields.joined(separator: "\n") + "\n" + (data.isEmpty ? "" : "\n" + data.joined())
    }

    /// The LuaLS type of something in a cell; makes classes for objects, lists and maps on the way.
    private mutating func type(of type: CellType, named name: String, links recipe: Recipe) -> String {
        switch type {
        case .any: return "any"
        case .string: return "string|hearth.Scalar"
        case .integer: return "integer|hearth.Scalar"
        case .number: return "number|hearth.Scalar"
        case .boolean: return "boolean|hearth.Scalar"
        case .choice(let rule): return rule.luaType + "|hearth.Scalar"
        case .optional(let inner): return self.type(of: inner, named: name, links: recipe) + "|nil"
        case .link(let cell):
            guard let cell, let target = recipe.cells[cell]?.type, case .object = target.required else {
                return "hearth.Cell"
            }
            return "\(prefix).\(cell)"
        case .list(let rule):
            let item = self.type(of: rule.element, named: name + ".item", links: recipe)
            classes.append("---@class \(name) : hearth.List\n---@field [integer] \(item)\n")
            return name
        case .map(let rule):
            let item = self.type(of: rule.element, named: name + ".item", links: recipe)
            classes.append("---@class \(name) : hearth.Cell\n---@field [string] \(item)\n")
            return name
        case .object(let object):
            let fields = object.fields.map { field in
                "---@field \(field.name) \(self.type(of: field.type, named: "\(name).\(field.name)", links: recipe))\n"
            }
            classes.append("---@class \(name) : hearth.Cell\n" + fields.joined())
            return name
        }
    }

    /// A plain table, as data is.
    private func plain(_ type: CellType) -> String {
        switch type {
        case .any: "any"
        case .string: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .choice(let rule): rule.luaType
        case .optional(let inner): plain(inner) + "?"
        case .link: "hearth.Cell"
        case .list(let rule): "(\(plain(rule.element)))[]"
        case .map(let rule): "table<string, \(plain(rule.element))>"
        case .object(let object):
            "{" + object.fields.map { "\($0.name): \(plain($0.type))" }.joined(separator: ", ") + "}"
        }
    }
}

extension ChoiceRule {
    fileprivate var luaType: String {
        choices.map { choice in
            switch choice {
            case .string(let text): "\"\(text)\""
            case .bool(let truth): "\(truth)"
            case .int(let number): "\(number)"
            default: "number"
            }
        }.joined(separator: "|")
    }
}
