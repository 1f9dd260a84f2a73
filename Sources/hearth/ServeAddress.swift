import ArgumentParser
import HearthServer

/// Which recipes a server has.
struct ServedRecipes: ParsableArguments {
    @Argument(help: "A folder of recipes, one recipe's folder, or one recipe's file.")
    var recipes = "Recipes"

    func apply(to settings: inout ServerConfiguration) { settings.recipes = recipes }
}

/// Where a server listens.
struct ServeAddress: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("The value '\(port)' is invalid for '--port': take one from 0 to 65535.")
        }
    }

    func apply(to settings: inout ServerConfiguration) {
        settings.host = host
        settings.port = port
    }
}
