import HearthLua
import HearthRecipes
import HearthTesting

/// `Docs/reference.md`: everything that can be called or declared, from the tables that the engine works with.
package enum Reference {
    package static var text: String {
        """
        # Reference

        <!-- Made by `hearth meta --reference`: do not edit. -->

        Everything that a recipe and its spec can say. [Recipes](recipes.md) explains how it plays together; [Limits](limits.md) what it may cost.

        ## The declaration

        `return recipe { … }`:

        \(fields(RecipeSurface.recipe))

        ## A handler

        A function, or a table:

        \(fields(RecipeSurface.handler))

        ## `on`

        \(callbacks(RecipeSurface.lifecycle))

        ## Types

        `local t = require "hearth.types"`

        \(constructors(RecipeSurface.types, prefix: "t."))

        ### Modifiers of a cell

        \(constructors(RecipeSurface.modifiers, prefix: ":"))

        ### Derived cells

        \(constructors(RecipeSurface.builders, prefix: "t."))

        ## Cells

        On a cell, and on objects and lists inside it:

        \(methods(.value))

        On lists:

        \(methods(.list))

        On numbers:

        \(methods(.scalar))

        On a family of `:many()` cells:

        \(methods(.many))

        Besides: fields read and assign as in Lua; `#`, `ipairs` and indices from 1 on lists; `pairs` on objects.

        ## `ctx`

        | field | type | what |
        | --- | --- | --- |
        \(HostSurface.contextFields.map { "| `ctx.\($0.name)` | `\(cell($0.type))` | \(cell($0.summary)) |" }.joined(separator: "\n"))

        \(HostSurface.functions.filter { $0.receivers.contains(.context) }.map { entry("ctx.\($0.name)", $0.arguments, $0.isVariadic, $0.returns, $0.summary) }.joined(separator: "\n"))

        ## The sandbox

        Hearth's own:

        \(SandboxSurface.own.map(entry).joined(separator: "\n"))
        - `hearth.null`: JSON null; Lua's nil is absence.

        Not quite as in Lua:

        \(SandboxSurface.changed.map(entry).joined(separator: "\n"))

        As in Lua 5.4: \(asInLua). All else is absent.

        ## Specs

        \(SpecSurface.globals.map { entry($0, prefix: "") }.joined(separator: "\n"))

        A room:

        \(SpecSurface.roomMethods.map { entry($0, prefix: "room:") }.joined(separator: "\n"))
        \(arguments(SpecSurface.roomFields, prefix: "room."))

        A participant:

        \(SpecSurface.participantMethods.map { entry($0, prefix: "ann:") }.joined(separator: "\n"))
        \(arguments(SpecSurface.participantFields, prefix: "ann."))

        Assertions, as busted has them; `are`, `is_not`, `has_no` and the like may stand between:

        \(SpecSurface.assertions.map { entry($0, prefix: "assert.") }.joined(separator: "\n"))

        """
    }

    private static var asInLua: String {
        let own = Set(SandboxSurface.own.map(\.name) + SandboxSurface.changed.map(\.name))
        var names = SandboxSurface.functions.filter { !own.contains($0) }.map { "`\($0)`" }
        for (library, fields) in SandboxSurface.libraries.sorted(by: { $0.key < $1.key })
        where library != "hearth" && library != "os" {
            names.append(
                "`\(library)` (" + fields.filter { !own.contains("\(library).\($0)") }.joined(separator: " ") + ")")
        }
        return names.joined(separator: ", ")
    }

    private static func fields(_ fields: [RecipeSurface.Field]) -> String {
        "| field | type | what |\n| --- | --- | --- |\n"
            + fields.map { "| `\($0.name)` | `\(cell($0.type))` | \(cell($0.summary)) |" }.joined(separator: "\n")
    }

    private static func callbacks(_ callbacks: [RecipeSurface.Callback]) -> String {
        callbacks.map { callback in
            "- `\(callback.name)(\(callback.parameters.map(\.name).joined(separator: ", ")))`: \(callback.summary)"
                + callback.parameters.filter { $0.name != "cells" && $0.name != "ctx" }
                .map { " `\($0.name)`: \($0.summary)." }.joined()
        }.joined(separator: "\n")
    }

    private static func constructors(_ list: [RecipeSurface.Constructor], prefix: String) -> String {
        list.map { item in
            let options =
                item.options.isEmpty
                ? [] : [HostFunction.Argument("{" + item.options.map(\.name).joined(separator: ", ") + "}", "", "")]
            let described = item.arguments + item.options.map { HostFunction.Argument($0.name, $0.type, $0.summary) }
            let names = (item.arguments + options).map { $0.isOptional ? "[\($0.name)]" : $0.name }
            return "- `\(prefix)\(item.name)(\(names.joined(separator: ", ")))`: \(item.summary)" + details(described)
        }.joined(separator: "\n")
    }

    private static func methods(_ receiver: HostFunction.Receiver) -> String {
        HostSurface.functions.filter { $0.receivers.contains(receiver) }
            .map { entry(":\($0.name)", $0.arguments, $0.isVariadic, $0.returns, $0.summary) }
            .joined(separator: "\n")
    }

    private static func entry(_ function: SandboxSurface.Function) -> String {
        entry(function.name, function.arguments, function.isVariadic, function.returns, function.summary)
    }

    private static func entry(_ word: SpecSurface.Word, prefix: String) -> String {
        entry(prefix + word.name, word.arguments, word.isVariadic, word.returns, word.summary)
    }

    private static func entry(
        _ name: String, _ arguments: [HostFunction.Argument], _ isVariadic: Bool, _ returns: String?,
        _ summary: String
    ) -> String {
        var names = arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
        if isVariadic { names.append("…") }
        let result = returns.map { " → `\($0)`" } ?? ""
        return "- `\(name)(\(names.joined(separator: ", ")))`\(result): \(summary)" + details(arguments)
    }

    private static func details(_ arguments: [HostFunction.Argument]) -> String {
        arguments.filter { !$0.summary.isEmpty }.map { " `\($0.name)`: \($0.summary)." }.joined()
    }

    private static func arguments(_ list: [HostFunction.Argument], prefix: String) -> String {
        list.map { "- `\(prefix)\($0.name)`: \($0.summary)." }.joined(separator: "\n")
    }

    /// A bar would end the cell of a table.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
