import HearthLua
import HearthValues

/// Lua that a person typed, to run once on a room's cells.
package struct ConsoleLine: Sendable, Hashable {
    /// What runs as the body of a function; what it returns is shown.
    package var text: String
    /// Whether it may change the room; else it fails where it tries.
    package var mayWrite: Bool

    package init(_ text: String, mayWrite: Bool) {
        self.text = text
        self.mayWrite = mayWrite
    }

    /// How errors call what was typed.
    package static let file = "<repl>"
    private static let mainFile = "<repl main>"

    /// The files of a recipe that does what it did, and has a handler that runs this.
    ///
    /// - Parameters:
    ///   - files: the recipe's, which keep their places.
    ///   - handler: a name that none of its handlers has.
    /// - Returns: the files, and the place of the one that is loaded in place of the recipe's first.
    func files(with files: [SourceFile], handler: String) -> (files: [SourceFile], main: Int) {
        let recipe = HearthLua.SourceFile(path: files.first?.path ?? "", text: "").moduleName
        // On one line with the text, so that lines are numbered as they were typed.
        let line = SourceFile(path: Self.file, text: "return function(cells, ctx, print) " + text + "\nend")
        let main = """
            local recipe, line = require \(JSON.text(.string(recipe))), require "\(Self.file)"
            recipe.handlers = recipe.handlers or {}
            recipe.handlers["\(handler)"] = function(cells, _, ctx)
              local printed = {}
              local function print(...)
                local words = table.pack(...)
                for place = 1, words.n do words[place] = tostring(words[place]) end
                printed[#printed + 1] = table.concat(words, "\\t")
              end
              local results = table.pack(line(cells, ctx, print))
              local values = {}
              for place = 1, results.n do
                local value = results[place]
                local kind = type(value)
                if kind == "function" or kind == "thread" then value = tostring(value) end
                values[place] = value == nil and {} or { value }
              end
              return { printed = hearth.list(printed), values = hearth.list(values) }
            end
            return recipe
            """
        return (files + [line, SourceFile(path: Self.mainFile, text: main)], files.count + 1)
    }
}
