import ArgumentParser
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
            At the start and after each save `hearth check` looks at the recipe and its specs run, if it has any.
            """)

    @OptionGroup var what: ServedRecipes

    @OptionGroup var folder: DataFolder

    @OptionGroup var address: ServeAddress

    @Flag(inversion: .prefixedNo, help: "Run the recipe's specs at the start and after each save.")
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
        what.apply(to: &settings)
        address.apply(to: &settings)
        settings.autoCreate = true
        settings.watchesRecipes = true
        settings.isForAuthors = true
        settings.trustsLocalCallers = true
        settings.limits = try recipeLimits.settings()
        settings.limits.apply(to: &settings.rooms)
        limits.apply(to: &settings)
        traffic.apply(to: &settings)
        settings.onReload = { DevTerminal.tell($0) }
        let runner = specs ? SpecRunner(folder: what.recipes, limits: recipeLimits.limit) : nil
        settings.onFilesChanged = { runner?.run(for: $0) }
        try await Serve.serve(settings, on: folder) { [recipes = what.recipes] in
            DevTerminal.check(recipes)
            runner?.run([recipes])
        }
    }
}
