import HearthLua
import HearthRecipes
import HearthTesting

/// Stubs for LuaLS, the language server of most editors.
enum LuaStubs {
    private static let head = "---@meta\n\(EditorFiles.mark)\n\n"

    // MARK: - Recipes, cells, ctx

    static var hearth: String {
        var text = head + "-- Recipes, cells and `ctx`.\n"
        text += fields("hearth.Recipe", RecipeSurface.recipe)
        text += fields("hearth.Handler", RecipeSurface.handler)
        text += fields(
            "hearth.Lifecycle", RecipeSurface.lifecycle.map { RecipeSurface.Field($0.name, $0.type, $0.summary) })
        text += "\n---@class hearth.Link\n"
        text += """

            ---@class hearth.Participant
            ---@field id string the identity
            ---@field name string? its name
            ---@field roles string[] its roles
            ---@field session string its session

            ---The cells by name. `hearth meta` also writes a class for each recipe: `---@param cells hearth.NAME.Cells`.
            ---@class hearth.Cells
            ---@field [string] any

            """
        let methods = HostSurface.functions.filter { !$0.receivers.contains(.context) }
        text += methodsOf("hearth.Cell", parent: nil, methods.filter { $0.receivers.contains(.value) }, index: "any")
        text += methodsOf("hearth.List", parent: "hearth.Cell", methods.filter { $0.receivers == [.list] }, index: nil)
        text += methodsOf(
            "hearth.Scalar", parent: "hearth.Cell", methods.filter { $0.receivers == [.scalar] }, index: nil)
        text += methodsOf(
            "hearth.Many", parent: nil, methods.filter { $0.receivers.contains(.many) }, index: "hearth.Cell")
        text += "\n---@class hearth.Context\n"
        for field in HostSurface.contextFields { text += "---@field \(field.name) \(field.type) \(field.summary)\n" }
        text += "local Context = {}\n"
        for function in HostSurface.functions where function.receivers.contains(.context) {
            text += stub(
                "Context.\(function.name)", function.arguments, function.isVariadic, function.returns, function.summary)
        }
        return text
    }

    private static func methodsOf(
        _ name: String, parent: String?, _ functions: [HostFunction], index: String?
    ) -> String {
        let local = name.replacing("hearth.", with: "")
        var text = "\n---@class \(name)" + (parent.map { " : \($0)" } ?? "") + "\n"
        if let index { text += "---@field [any] \(index)\n" }
        text += "local \(local) = {}\n"
        for function in functions {
            text += stub(
                "\(local):\(function.name)", function.arguments, function.isVariadic, function.returns,
                function.summary)
        }
        return text
    }

    private static func fields(_ name: String, _ fields: [RecipeSurface.Field]) -> String {
        "\n---@class \(name)\n"
            + fields.map { "---@field \($0.name)\($0.isRequired ? "" : "?") \($0.type) \($0.summary)\n" }.joined()
    }

    // MARK: - Types

    static var types: String {
        // The name after `@meta` is the one by which `require` finds it.
        var text = head.replacing("---@meta", with: "---@meta hearth.types") + "---@class hearth.Derived\n"
        text += "\n---@class hearth.Type\nlocal Type = {}\n"
        for modifier in RecipeSurface.modifiers {
            text += stub("Type:\(modifier.name)", modifier.arguments, false, "hearth.Type", modifier.summary)
        }
        text += "\n---@class hearth.types\nlocal t = {}\n"
        for type in RecipeSurface.types {
            let options =
                type.options.isEmpty || type.name == "enum"
                ? [] : [HostFunction.Argument("options", record(type.options), optional: true, "")]
            text += stub("t.\(type.name)", type.arguments + options, false, "hearth.Type", type.summary)
        }
        for builder in RecipeSurface.builders {
            text += stub("t.\(builder.name)", builder.arguments, false, "hearth.Derived", builder.summary)
        }
        // `t.any` without a call is a type too.
        text += "\n---@type hearth.Type|fun(): hearth.Type\nt.any = nil\n\nreturn t\n"
        return text.replacing("\n---Any value.\n---@return hearth.Type\nfunction t.any() end\n", with: "")
    }

    private static func record(_ fields: [RecipeSurface.Field]) -> String {
        "{" + fields.map { "\($0.name): \($0.type)?" }.joined(separator: ", ") + "}"
    }

    // MARK: - The sandbox

    static var sandbox: String {
        var text = head + "-- What the sandbox has besides Lua's own functions, or in another form.\n"
        text += "\nhearth = {}\n\n---JSON null; Lua's nil is absence.\nhearth.null = nil\n\nos = {}\n"
        for function in SandboxSurface.own + SandboxSurface.changed {
            text += stub(
                function.name, function.arguments, function.isVariadic, function.returns, function.summary)
        }
        return text
    }

    // MARK: - Specs

    static var spec: String {
        var text = head + "-- What `*_spec.lua` has on top.\n"
        for word in SpecSurface.globals { text += stub(word) }
        text += spec("hearth.SpecRoom", SpecSurface.roomFields, SpecSurface.roomMethods)
        text += spec("hearth.SpecParticipant", SpecSurface.participantFields, SpecSurface.participantMethods)
        text += "\n---@class hearth.Assert\n---@field [string] any\n---@overload fun(value: any, message: any?): any\n"
        text += "assert = {}\n"
        for word in SpecSurface.assertions { text += stub(word, prefix: "assert.") }
        return text
    }

    private static func spec(
        _ name: String, _ fields: [HostFunction.Argument], _ methods: [SpecSurface.Word]
    ) -> String {
        let local = name.replacing("hearth.", with: "")
        var text = "\n---@class \(name)\n"
        for field in fields { text += "---@field \(field.name) \(field.type) \(field.summary)\n" }
        text += "local \(local) = {}\n"
        for method in methods { text += stub(method, prefix: "\(local):") }
        return text
    }

    // MARK: - Functions

    private static func stub(_ word: SpecSurface.Word, prefix: String = "") -> String {
        stub(prefix + word.name, word.arguments, word.isVariadic, word.returns, word.summary)
    }

    private static func stub(
        _ name: String, _ arguments: [HostFunction.Argument], _ isVariadic: Bool, _ returns: String?,
        _ summary: String
    ) -> String {
        var text = "\n---\(summary)\n"
        for (place, argument) in arguments.enumerated() {
            let isRepeated = isVariadic && place == arguments.count - 1
            let type = argument.type + (isRepeated ? "" : argument.isOptional ? "?" : "")
            text += "---@param \(isRepeated ? "..." : argument.name) \(type) \(argument.summary)".trimmed + "\n"
        }
        if let returns { text += "---@return \(returns)\n" }
        var names = arguments.map(\.name)
        if isVariadic { names[names.count - 1] = "..." }
        return text + "function \(name)(\(names.joined(separator: ", "))) end\n"
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
