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

    @Argument(help: "A folder of recipes, one recipe's folder, or one recipe's file.")
    var recipes = "Recipes"

    @OptionGroup var folder: DataFolder

    @Option(name: .long, help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port to listen on; 0 takes a free one.")
    var port = 8080

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
        let runner = specs ? SpecRunner(folder: recipes, limits: recipeLimits.limit) : nil
        settings.onFilesChanged = { runner?.run(for: $0) }
        try await Serve.serve(settings, on: folder) { [recipes] in
            DevTerminal.check(recipes)
            runner?.run([recipes])
        }
    }
}
