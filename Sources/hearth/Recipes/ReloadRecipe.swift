import ArgumentParser
import Foundation
import HearthRecipes
import HearthServer
import HearthValues

/// `hearth recipes reload NAME`
struct ReloadRecipe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have a running server take up a recipe as its files are now.",
        discussion: """
            Rooms take it up between two commits; one that cannot goes on with what it ran, and the exit status is 1. \
            With --canary only that room takes it, so that it can be tried; without it later all do.
            """)

    @Argument(help: "The recipe's name.")
    var name: String

    @OptionGroup var server: ServerAddress

    @Option(name: .long, help: ArgumentHelp("Only this room takes it.", valueName: "room"))
    var canary: String?

    @Flag(name: .long, help: "Load and check it, and change nothing.")
    var dryRun = false

    func run() async throws {
        var body = Object()
        body["canary"] = canary.map { .string($0) }
        if dryRun { body["dry_run"] = .bool(true) }
        let answer = try await server.client.ask("POST", ["recipes", name, "reload"], body: .object(body))
        try ReloadStory(answer).tell(isTrial: dryRun)
    }
}

/// `hearth recipes rollback NAME`
struct RollBackRecipe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Run the version of a recipe before the one that runs now.",
        discussion: """
            It runs until the recipe's files change, also after a restart. With --data instead of --server a server \
            that starts on that folder later runs it. Cells stay as they are: a room whose cells the earlier version \
            cannot hold keeps the later one, and the exit status is 1.
            """)

    @Argument(help: "The recipe's name.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("The running server.", valueName: "url"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("Where a server that does not run keeps its rooms.", valueName: "dir"))
    var data: String?

    func validate() throws {
        if (server == nil) == (data == nil) {
            throw ValidationError("Give either --server, the address of a running server, or --data, its folder.")
        }
    }

    func run() async throws {
        if let server {
            let client = try ServerAddress.client(server)
            return try ReloadStory(try await client.ask("POST", ["recipes", name, "rollback"])).tell(isTrial: false)
        }
        let folder = URL(filePath: data ?? "").appending(path: "recipes").path
        do throws(ServerError) {
            let (to, from) = try RecipeArchive(folder: folder).rollBack(name, by: "hearth recipes rollback")
            print(
                "\(name): version \(to.version) (\(to.hash)) from the next start on, in place of \(from.version) (\(from.hash))"
            )
        } catch {
            throw CommandFailure(error.message)
        }
    }
}

/// `hearth recipes versions NAME`
struct RecipeVersions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "List the versions of a recipe that a server has run, newest first.")

    @Argument(help: "The recipe's name.")
    var name: String

    @OptionGroup var server: ServerAddress

    func run() async throws {
        let answer = try await server.client.ask("GET", ["recipes", name, "versions"]).object ?? Object()
        var table = Table("VERSION", "HASH", "TAKEN UP", "BY", "WHY")
        for version in answer["versions"]?.list ?? List() {
            guard let version = version.object else { continue }
            let at = Date(timeIntervalSince1970: Double(version["at"]?.int ?? 0) / 1_000)
            let hash = version["hash"]?.string ?? ""
            table.rows.append([
                String(version["version"]?.int ?? 0), hash + (answer["running"]?.string == hash ? " (runs)" : ""),
                at.formatted(.iso8601), version["by"]?.string ?? "", version["cause"]?.string ?? "",
            ])
        }
        print(table.text)
    }
}

/// `--server URL`
struct ServerAddress: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The running server.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    func validate() throws { _ = try Self.client(server) }

    var client: RoomServer { get throws { try Self.client(server) } }

    static func client(_ server: String) throws -> RoomServer {
        guard let url = URL(string: server), url.host() != nil else {
            throw ValidationError("'\(server)' is not a server's address. Give one like http://127.0.0.1:8080.")
        }
        return RoomServer(url)
    }
}

/// What a server answered to a reload, for people.
struct ReloadStory {
    private let answer: Object

    init(_ answer: Value) { self.answer = answer.object ?? Object() }

    /// - Throws: `CommandFailure` when a room could not run it.
    func tell(isTrial: Bool) throws {
        let title =
            "\(answer["name"]?.string ?? ""): version \(answer["version"]?.int ?? 0) (\(answer["hash"]?.string ?? ""))"
        for warning in answer["warnings"]?.list ?? List() { Terminal.note("warning: " + Self.text(warning)) }
        if isTrial { return print("\(title) loads") }
        let rooms = (answer["rooms"]?.list ?? List()).compactMap(\.object)
        var refused = 0
        for room in rooms {
            let name = room["room"]?.string ?? ""
            if let error = room["error"]?.object {
                refused += 1
                print("\(Terminal.coloured("refused", .red))  \(name): \(error["message"]?.string ?? "")")
                if let source = error["details"]?.object?["source"]?.string { print("    \(source)") }
            } else {
                let migrated =
                    room["migrated"] == .bool(true) ? ", migrated from \(room["from_version"]?.int ?? 0)" : ""
                let ms = Double(room["microseconds"]?.int ?? 0) / 1_000
                print("\(Terminal.coloured("ok", .green))  \(name): \(ms) ms\(migrated)")
            }
        }
        print(
            "\(title) runs in \(ProgressLine.counted(rooms.count - refused, "room")) that are awake; others follow when they wake"
        )
        if let canary = answer["canary"]?.string {
            print("Only \(canary) runs it. Reload without --canary to have all rooms take it, or roll back.")
        }
        if refused > 0 {
            throw CommandFailure("\(ProgressLine.counted(refused, "room")) cannot run it and keep what they ran.")
        }
    }

    private static func text(_ problem: Value) -> String {
        let problem = problem.object ?? Object()
        let line = problem["line"]?.int.map { ":\($0)" } ?? ""
        let source = problem["source"]?.string.map { "\n    " + $0 } ?? ""
        return "\(problem["file"]?.string ?? "")\(line): \(problem["message"]?.string ?? "")\(source)"
    }
}
