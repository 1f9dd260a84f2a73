import ArgumentParser
import HearthRecipes
import HearthRooms

/// `--limit NAME=VALUE`, of every command that runs recipes.
struct LimitFlags: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A limit of recipes, of one recipe (chat:NAME=VALUE) or of rooms (room.NAME=VALUE); more than once.",
            discussion: "Of recipes: " + RecipeLimits.all.map(\.name).joined(separator: ", ") + ". Of rooms: "
                + RoomLimits.settable.map(\.name).joined(separator: ", ")
                + ". Docs/limits.md says what each is; 0 is without limit for what one event may use.",
            valueName: "name=value"))
    var limit: [String] = []

    func validate() throws { _ = try settings() }

    func settings() throws -> LimitSettings {
        var settings = LimitSettings()
        for text in limit {
            do { try settings.set(text) } catch { throw ValidationError("'--limit': \(error.message).") }
        }
        return settings
    }
}
