import ArgumentParser
import Foundation
import HearthRecipes
import HearthRooms
import HearthServer
import Logging

/// `hearth dev [RECIPES]`
struct Dev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve recipes while you write them.",
        discussion: """
            Pages make their rooms. What you save is running within a second, in the rooms that are open, with \
            everybody in them; what does not load is shown here and in the pages, and the rooms go on as before. \
            After a save the recipe's specs run, if it has any.
            """)

    @Argument(help: "A folder of recipes, one recipe's folder, or one recipe's file.")
    var recipes = "Recipes"

    @OptionGroup var folder: DataFolder

    @Option(name: .long, help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Flag(inversion: .prefixedNo, help: "Run the recipe's specs after each save.")
    var specs = true

    @OptionGroup(title: "Limits") var limits: ServeLimits

    @OptionGroup(title: "Limits of recipes and rooms") var recipeLimits: LimitFlags

    @OptionGroup(title: "Limits of strangers and crowds") var traffic: ServeTraffic

    @Option(name: .long, help: "text for people, json for machines.")
    var logFormat = LogFormat.text

    @Option(name: .long, help: "Lines of this level and above.")
    var logLevel = LogLevel.warning

    func run() async throws {
        logFormat.bootstrap(level: logLevel.level)
        var settings = ServerConfiguration()
        settings.host = host
        settings.port = port
        settings.recipes = recipes
        settings.autoCreate = true
        settings.watchesRecipes = true
        settings.isForAuthors = true
        settings.trustsLocalCallers = true
        settings.limits = try recipeLimits.settings()
        settings.limits.apply(to: &settings.rooms)
        limits.apply(to: &settings)
        traffic.apply(to: &settings)
        settings.onReload = { DevTerminal.tell($0) }
        if specs {
            let runner = SpecRunner(folder: recipes, limits: recipeLimits.limit)
            settings.onFilesChanged = { runner.run(for: $0) }
        }
        try await Serve.serve(settings, on: folder)
    }
}

/// What became of a save, on the terminal.
enum DevTerminal {
    static func tell(_ result: RecipeReloadResult) {
        for warning in result.warnings { show(warning, of: result, "warning: ") }
        switch result.outcome {
        case .unchanged: break
        case .gone: say(result, .dim, "its files are gone; its rooms go on")
        case .broken(let error):
            say(result, .red, "not reloaded, version \(result.version) goes on")
            for problem in error.problems { show(problem, of: result) }
        case .taken(let rooms):
            let slowest = Double(rooms.map(\.microseconds).max() ?? 0) / 1_000
            let refused = result.refusals
            let migrated = rooms.filter { room in
                if case .swapped(_, let migrated) = room.report.outcome { migrated } else { false }
            }.count
            var said = "\(result.isNew ? "new, " : "")now version \(result.version) in "
            said += ProgressLine.counted(rooms.count - refused.count, "room")
            if migrated > 0 { said += ", \(migrated) migrated" }
            if !rooms.isEmpty { said += ", \(slowest) ms" }
            say(result, refused.isEmpty ? .green : .red, said)
            for problem in result.problems { show(problem, of: result) }
            for room in rooms where room.report.lostWaits > 0 || !room.report.lostTimers.isEmpty {
                let timers =
                    room.report.lostTimers.isEmpty ? "" : ", timers \(room.report.lostTimers.joined(separator: ", "))"
                say(
                    result, .red,
                    "\(room.room): handlers are gone of \(ProgressLine.counted(room.report.lostWaits, "waiting event"))\(timers)"
                )
            }
        }
    }

    private static func say(_ result: RecipeReloadResult, _ colour: Terminal.Colour, _ text: String) {
        Terminal.note("\(Terminal.coloured(result.name, colour, on: Terminal.errorIsTerminal)): \(text)")
    }

    private static func show(_ problem: RecipeProblem, of result: RecipeReloadResult, _ prefix: String = "") {
        let folder = URL(filePath: result.path)
        let file = folder.pathExtension == "lua" ? result.path : folder.appending(path: problem.file).relativePath
        let place = problem.line.map { "\(file):\($0)" } ?? file
        Terminal.note("  \(prefix)\(Terminal.coloured(place, .bold, on: Terminal.errorIsTerminal)): \(problem.message)")
        if let source = problem.source { Terminal.note("      " + source.trimmingCharacters(in: .whitespaces)) }
    }
}

/// Runs specs in a process of its own, one at a time: their rooms and limits are not the server's.
final class SpecRunner: Sendable {
    private let folder: String
    private let limits: [String]
    private let queue = DispatchQueue(label: "hearth.specs")

    /// - Parameter limits: as `--limit` takes them.
    init(folder: String, limits: [String]) {
        self.folder = folder
        self.limits = limits
    }

    /// The specs of the recipes whose files changed.
    func run(for changed: Set<String>) {
        let folders = Set(changed.compactMap(recipe)).sorted()
        let specs = folders.filter { !((try? SpecFolder.specs(in: $0)) ?? []).isEmpty }
        if !specs.isEmpty { queue.async { [self] in run(specs) } }
    }

    /// The folder of the recipe that a file belongs to; a path from the watched folder.
    private func recipe(of path: String) -> String? {
        if folder.hasSuffix(".lua") { return URL(filePath: folder).deletingLastPathComponent().relativePath }
        let root = URL(filePath: folder)
        if FileManager.default.fileExists(atPath: root.appending(path: "recipe.lua").path) { return folder }
        let parts = path.split(separator: "/")
        return parts.count > 1 ? root.appending(path: String(parts[0])).relativePath : nil
    }

    private func run(_ specs: [String]) {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["test", "--recipes", folder] + limits.map { "--limit=\($0)" } + specs
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.standardError
        do {
            try process.run()
            process.waitUntilExit()
        } catch {
            Terminal.complain("The specs cannot be run: \(error.localizedDescription)")
        }
    }
}
