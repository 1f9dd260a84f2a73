import ArgumentParser
import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import HearthValues

/// `hearth rooms create ROOM --recipe NAME`
struct CreateRoom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a room from a recipe.",
        discussion: "On a folder: the server on it must be stopped, and --recipes names the folder with recipes.")

    @Argument(help: "The room's id.")
    var room: String

    @Option(name: .long, help: ArgumentHelp("The recipe it is made from.", valueName: "name"))
    var recipe: String

    @Option(name: .long, help: ArgumentHelp("What the recipe's `create` is given, as JSON.", valueName: "json"))
    var input: String?

    @Option(name: .long, help: ArgumentHelp("The folder with recipes.", valueName: "dir"))
    var recipes = "Recipes"

    @OptionGroup var source: RoomSource

    func validate() throws {
        guard RoomName.isValid(room) else { throw ValidationError("'\(room)' cannot name a room: \(RoomName.rule).") }
    }

    func run() async throws {
        let given = try parseInput()
        if let client = source.client {
            var body: Object = ["id": .string(room), "recipe": .string(recipe)]
            if given != .null { body["input"] = given }
            try await client.ask("POST", ["rooms"], body: .object(body))
        } else {
            let checked = try loadRecipe()
            try source.folder.withStore(.server) { store in try create(in: store, from: checked, given) }
        }
        print("Made \(room).")
    }

    private func parseInput() throws -> Value {
        guard let input else { return .null }
        do { return try JSON.parse(input) } catch {
            throw CommandFailure("--input is not JSON: \(error.message)")
        }
    }

    private func loadRecipe() throws -> RecipeRuntime {
        do {
            let found = try CheckedRecipe.all(in: recipes)
            guard let checked = found.first(where: { $0.name == recipe }) else {
                let known = found.map(\.name).joined(separator: ", ")
                throw CommandFailure("There is no recipe \(recipe) in \(recipes). There are: \(known).")
            }
            return try checked.makeRuntime()
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        } catch let error as RecipeError {
            throw CommandFailure("The recipe \(recipe) cannot be loaded: \(error.message)")
        }
    }

    private func create(in store: any RoomStore, from runtime: RecipeRuntime, _ input: Value) throws {
        if try store.record(room: room) != nil { throw StoreError.exists(room: room) }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        var random = SystemRandomNumberGenerator()
        var seeded = SeededRandom(seed: random.next())
        let machine = try RoomMachine(
            opening: .create(id: room, input: input, epoch: Identifier.make(from: &seeded), seed: random.next()),
            runtime: runtime, now: now)
        while machine.hasWork {
            machine.turn(now: now)
            for output in machine.takeOutputs() {
                switch output {
                case .persist(let write, let ticket):
                    try store.commit([write])
                    machine.handle(.persisted(ticket: ticket, .success(())), now: now)
                case .bye(_, let bye): throw CommandFailure("\(room) was not made: \(bye.reason)")
                default: break
                }
            }
        }
        if try store.record(room: room) == nil {
            throw CommandFailure("\(room) was not made: the recipe's `create` refused. Does it want another --input?")
        }
    }
}
