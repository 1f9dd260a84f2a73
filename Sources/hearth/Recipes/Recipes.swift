import ArgumentParser
import Foundation
import HearthRecipes
import HearthServer

/// `hearth recipes`
struct Recipes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check recipes and list them; reload them in a running server, and go back.",
        subcommands: [ListRecipes.self, ReloadRecipe.self, RollBackRecipe.self, RecipeVersions.self],
        defaultSubcommand: ListRecipes.self)
}

/// `hearth recipes [list]`
struct ListRecipes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Check recipes and list them.",
        discussion: "Says what is wrong with file, line and the line itself. The exit status is 1 when anything is.")

    @Argument(help: "A folder of recipes, one recipe's folder, or one recipe's file.")
    var recipes = "Recipes"

    func run() throws {
        let found: [CheckedRecipe]
        do {
            found = try CheckedRecipe.all(in: recipes)
        } catch {
            throw CommandFailure(error.message)
        }
        if found.isEmpty {
            throw CommandFailure("There are no recipes in \(recipes). Write one with `hearth new NAME`.")
        }
        var table = Table("RECIPE", "VERSION", "CELLS", "HANDLERS", "ABOUT")
        var faults = 0
        for checked in found {
            switch checked.outcome {
            case .success(let recipe):
                table.rows.append([
                    recipe.name, String(recipe.version), String(recipe.cells.count), String(recipe.handlers.count),
                    recipe.about,
                ])
            case .failure(let error):
                faults += error.problems.count
                for problem in error.problems { show(problem, in: checked) }
            }
        }
        if !table.rows.isEmpty { print(table.text) }
        if faults > 0 {
            throw CommandFailure("\(ProgressLine.counted(faults, "fault")) in the recipes: mend them and look again.")
        }
    }

    private func show(_ problem: RecipeProblem, in checked: CheckedRecipe) {
        let folder = URL(filePath: checked.path)
        let file = folder.pathExtension == "lua" ? checked.path : folder.appending(path: problem.file).relativePath
        let place = problem.line.map { "\(file):\($0)" } ?? file
        Terminal.note("\(Terminal.coloured(place, .bold, on: Terminal.errorIsTerminal)): \(problem.message)")
        if let source = problem.source { Terminal.note("    " + source.trimmingCharacters(in: .whitespaces)) }
    }
}
