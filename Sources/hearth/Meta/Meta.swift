import ArgumentParser
import Foundation
import HearthRecipes
import HearthServer
import HearthWorkbench

/// `hearth meta [RECIPES]`
struct Meta: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what makes an editor complete and check recipes.",
        discussion: """
            Writes into the folder of recipes: stubs for the Lua language server (LuaLS) in _meta/, its settings in \
            .luarc.json, and .luacheckrc with exactly the globals that a recipe has. For every recipe that loads, \
            _meta/recipes/NAME.lua has classes of its own cells; name them in front of a function to have them completed:
              ---@param cells hearth.NAME.Cells

            A .luarc.json or .luacheckrc of your own is left alone.
            """)

    @Argument(help: "The folder of recipes.")
    var recipes = "Recipes"

    @Flag(name: .long, help: "Print the reference of the Lua API as Markdown, and write nothing.")
    var reference = false

    func run() throws {
        if reference { return print(Reference.text, terminator: "") }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: recipes, isDirectory: &isFolder), isFolder.boolValue else {
            throw CommandFailure("\(recipes) is no folder. Name the folder that holds the recipes.")
        }
        let written = try Self.write(to: recipes)
        print("Wrote \(ProgressLine.counted(written, "file")) for editors to \(recipes). Nothing else was changed.")
    }

    /// - Returns: how many files were new or changed.
    static func write(to folder: String) throws -> Int {
        var files = EditorFiles.all
        for checked in (try? CheckedRecipe.all(in: folder)) ?? [] {
            guard case .success(let recipe) = checked.outcome else { continue }
            files.append((EditorFiles.cellsPath(of: recipe.name), CellStubs.text(of: recipe)))
        }
        var written = 0
        for (path, text) in files {
            let url = URL(filePath: folder).appending(path: path)
            let present = try? String(contentsOf: url, encoding: .utf8)
            if present == text { continue }
            // Settings may be somebody's own; what this command wrote says so, or is in a folder of its own.
            if let present, !path.hasPrefix("_meta/"), !present.contains("hearth meta"), !present.contains("\"_meta\"")
            {
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url, options: .atomic)
            } catch {
                throw CommandFailure("Cannot write to \(url.relativePath): \(error.localizedDescription)")
            }
            written += 1
        }
        return written
    }
}
