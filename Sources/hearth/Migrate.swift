import ArgumentParser
import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import HearthValues

/// `hearth migrate --dry-run [ROOM…]`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what other versions of recipes would make of stored rooms.",
        discussion: """
            Each room is read as it is now, from a data folder, whether a server runs on it or not, or from a running \
            server for its operator (--server); it is migrated on a copy, and what would change is shown. Nothing is \
            written. The exit status is 1 when a room could not run its \
            recipe. Rooms migrate by themselves when a server runs the recipe, so there is no other run than a dry one.
            """)

    @Argument(help: "Rooms; all rooms of these recipes unless given.")
    var rooms: [String] = []

    @Flag(name: .long, help: "Required: nothing is changed.")
    var dryRun = false

    @Option(name: .long, help: "The new versions: a folder of recipes, one recipe's folder, or one recipe's file.")
    var recipes = "Recipes"

    @OptionGroup var source: RoomSource

    @Option(name: .long, help: ArgumentHelp("Changes shown of each room; 0 for all.", valueName: "number"))
    var changes = 20

    func validate() throws {
        guard dryRun else {
            throw ValidationError(
                "Give --dry-run: rooms migrate when a server runs the recipe, and this command shows what would change."
            )
        }
    }

    func run() async throws {
        let runtimes = try loaded()
        var failed = 0
        if source.client == nil {
            failed = try source.folder.withStore(.readOnly) { store in
                try ids(store, runtimes).filter { try !show($0, runtimes, store) }.count
            }
        } else {
            for room in try await servedIDs(runtimes) {
                let runs = try await source.withRoom(room) { try show(room, runtimes, $0) }
                if !runs { failed += 1 }
            }
        }
        if failed > 0 {
            throw CommandFailure("\(ProgressLine.counted(failed, "room")) cannot run the new version.")
        }
    }

    private func loaded() throws -> [String: RecipeRuntime] {
        var runtimes: [String: RecipeRuntime] = [:]
        do {
            for checked in try CheckedRecipe.all(in: recipes) { runtimes[checked.name] = try checked.makeRuntime() }
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        } catch let error as RecipeError {
            throw CommandFailure("The recipe does not load. \(error.message)")
        }
        return runtimes
    }

    private func ids(_ store: any RoomStore, _ runtimes: [String: RecipeRuntime]) throws -> [String] {
        if !rooms.isEmpty { return rooms }
        var all: [String] = []
        for recipe in runtimes.keys.sorted() {
            var after: String?
            while true {
                let page = try store.rooms(recipe: recipe, after: after, limit: 500)
                all += page.map(\.id)
                guard let last = page.last else { break }
                after = last.id
            }
        }
        return all
    }

    private func servedIDs(_ runtimes: [String: RecipeRuntime]) async throws -> [String] {
        guard rooms.isEmpty, let client = source.client else { return rooms }
        var all: [String] = []
        for recipe in runtimes.keys.sorted() {
            var after: String?
            repeat {
                let page = try await client.ask(
                    "GET", ["rooms"], query: [("recipe", recipe), ("after", after), ("limit", "1000")])
                all += page.object?["rooms"]?.list?.compactMap { $0.object?["id"]?.string } ?? []
                after = page.object?["next"]?.string
            } while after != nil
        }
        return all
    }

    private func show(_ room: String, _ runtimes: [String: RecipeRuntime], _ store: any RoomStore) throws -> Bool {
        guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
        guard let runtime = runtimes[record.recipe] else {
            throw CommandFailure("The room \(record.id) runs \(record.recipe), which is not in \(recipes).")
        }
        return try show(record, runtime, store)
    }

    /// - Returns: whether the room could run it.
    private func show(_ record: RoomRecord, _ runtime: RecipeRuntime, _ store: any RoomStore) throws -> Bool {
        guard let stored = try store.load(room: record.id) else { return true }
        let title = "\(record.id) (\(record.recipe) \(record.recipeVersion) → \(runtime.recipe.version))"
        do throws(RoomError) {
            let now = Int64(Date.now.timeIntervalSince1970 * 1_000)
            let migration = try RoomMigration(of: LoadedRoom(stored), to: runtime, now: now)
            let operations = migration.patch.operations
            print("\(Terminal.coloured("ok", .green))  \(title): \(ProgressLine.counted(operations.count, "change"))")
            let shown = changes == 0 ? operations[...] : operations.prefix(changes)
            for operation in shown { print("    " + line(operation, migration.before)) }
            if shown.count < operations.count { print("    … and \(operations.count - shown.count) more") }
            return true
        } catch {
            print("\(Terminal.coloured("fails", .red))  \(title): \(error.message)")
            if case .refused(let failure) = error, let source = failure.details.object?["source"]?.string {
                print("    \(source)")
            }
            return false
        }
    }

    private func line(_ operation: PatchOperation, _ before: Object) -> String {
        let old = { (pointer: Pointer) in
            Value.object(before).value(at: pointer).map { Self.short($0) } ?? "nothing"
        }
        switch operation {
        case .remove(let pointer): return "- \(pointer) (was \(old(pointer)))"
        case .add(let pointer, let value), .test(let pointer, let value): return "+ \(pointer) = \(Self.short(value))"
        case .replace(let pointer, let value): return "~ \(pointer): \(old(pointer)) → \(Self.short(value))"
        }
    }

    private static func short(_ value: Value) -> String {
        let text = JSON.text(value)
        return text.count > 120 ? text.prefix(119) + "…" : text
    }
}
