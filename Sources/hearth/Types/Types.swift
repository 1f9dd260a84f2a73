import ArgumentParser
import HearthRecipes
import HearthServer
import HearthValues
import HearthWorkbench

/// `hearth types NAME --ts|--json-schema`
struct Types: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the types of a recipe's cells and events, for clients.",
        discussion: """
            With --ts as TypeScript, which hearth.js is generic over:
              hearth types chat --ts > Recipes/chat/web/chat.d.ts
            With --json-schema as one JSON Schema (draft 2020-12).
            """)

    @Argument(help: "The recipe's name, or its folder or file.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("The folder with recipes.", valueName: "dir"))
    var recipes = "Recipes"

    @Flag(help: "The form.")
    var form: Form

    enum Form: String, EnumerableFlag {
        case ts, jsonSchema

        static func name(for value: Form) -> NameSpecification {
            value == .ts ? .long : .customLong("json-schema")
        }

        static func help(for value: Form) -> ArgumentHelp? {
            value == .ts ? "TypeScript." : "A JSON Schema."
        }
    }

    func run() throws {
        let recipe = try RecipeByName.find(name, in: recipes)
        switch form {
        case .ts: print(TypeScriptTypes.text(of: recipe), terminator: "")
        case .jsonSchema: print(JSON.text(SchemaDocument.value(of: recipe)))
        }
    }
}

/// A recipe that a command is given by name or by path.
enum RecipeByName {
    /// - Throws: `CommandFailure` when there is none, or it is not sound.
    static func find(_ name: String, in folder: String) throws -> Recipe {
        let found: [CheckedRecipe]
        do {
            let isPath = name.contains("/") || name.hasSuffix(".lua")
            found = try CheckedRecipe.all(in: isPath ? name : folder)
            guard let checked = isPath ? found.first : found.first(where: { $0.name == name }) else {
                let known = found.map(\.name).joined(separator: ", ")
                throw CommandFailure(
                    "There is no recipe \(name) in \(folder)" + (known.isEmpty ? "." : "; there are: \(known)."))
            }
            return try checked.outcome.get()
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        } catch let error as RecipeError {
            throw CommandFailure("\(name) is not sound: \(error.message)")
        }
    }
}
