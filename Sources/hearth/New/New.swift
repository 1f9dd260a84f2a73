import ArgumentParser
import Foundation
import HearthValues

/// `hearth new NAME`
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a recipe with a spec and a page that work at once.",
        discussion: "Makes RECIPES/NAME with recipe.lua, NAME_spec.lua and the page in web/. Nothing is overwritten.")

    @Argument(help: "The recipe's name: small letters, digits, _ and -, beginning with a letter.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("The folder with recipes.", valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: "What to begin from: list, chat, form, board or blank.")
    var from = RecipeKind.list

    func validate() throws {
        guard name.wholeMatch(of: /[a-z][a-z0-9_\-]{0,63}/) != nil else {
            throw ValidationError(
                "'\(name)' cannot be a recipe's name. Use small letters, digits, _ and -, beginning with a letter.")
        }
    }

    func run() throws {
        let folder = URL(filePath: recipes).appending(path: name)
        for taken in [folder.path, folder.path + ".lua"] where FileManager.default.fileExists(atPath: taken) {
            throw CommandFailure("\(taken) exists already. Choose another name, or remove it first.")
        }
        do {
            try FileManager.default.createDirectory(
                at: folder.appending(path: "web"), withIntermediateDirectories: true)
            for (path, template) in from.files(name: name) {
                try Data(template.utf8).write(to: folder.appending(path: path))
            }
        } catch {
            throw CommandFailure("Cannot write to \(folder.path): \(error.localizedDescription)")
        }
        print(
            """
            Made \(folder.relativePath):
              recipe.lua          what the room holds and does
              \(name)_spec.lua\(String(repeating: " ", count: max(1, 11 - name.count)))what should happen, as sentences
              web/                its page

            Work on it:  hearth dev \(recipes)      takes up every save, and runs the spec
            Open it:     http://127.0.0.1:8080/r/\(name)/\(name)
            Try it:      hearth test \(recipes), hearth check \(recipes)
            """)
    }
}
