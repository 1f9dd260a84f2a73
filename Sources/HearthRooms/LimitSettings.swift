package import HearthRecipes

/// What an operator sets of the limits of recipes and rooms, one `NAME=VALUE` after the other.
///
/// `instructions=1000000` is for all recipes, `chat:instructions=1000000` for one, whichever is told first; `room.cells_max=1000` is for
/// rooms. Bytes may have a unit: `64MiB`.
package struct LimitSettings: Sendable {
    package private(set) var recipes = RecipeLimits()
    private var own: [(recipe: String, limit: RecipeLimit, value: Int)] = []
    private var rooms: [(limit: RoomLimit, value: Int)] = []

    package init() {}

    /// What the recipe may use.
    package func limits(of recipe: String) -> RecipeLimits {
        var limits = recipes
        for setting in own where setting.recipe == recipe { setting.limit.set(setting.value, in: &limits) }
        return limits
    }

    /// Recipes that have limits of their own.
    package var recipeNames: Set<String> { Set(own.map(\.recipe)) }

    package func apply(to limits: inout RoomLimits) {
        for setting in rooms { setting.limit.set(setting.value, in: &limits) }
    }

    /// Takes one setting.
    /// - Throws: what is wrong with it, and what would be right; nothing is changed then.
    package mutating func set(_ text: String) throws(LimitSettingError) {
        guard let equals = text.firstIndex(of: "=") else {
            throw LimitSettingError("\"\(text)\" is no setting: write NAME=VALUE, as in instructions=1000000")
        }
        var name = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        if name.hasPrefix("room.") {
            let limit = try Self.find(name, among: RoomLimits.settable, \.name)
            return rooms.append((limit, try Self.read(value, of: name, least: limit.least)))
        }
        var recipe: String?
        if let colon = name.firstIndex(of: ":") {
            recipe = String(name[..<colon])
            name = String(name[name.index(after: colon)...])
            if recipe?.isEmpty ?? true { throw LimitSettingError("\"\(text)\" names no recipe before the colon") }
        }
        let limit = try Self.find(name, among: RecipeLimits.all, \.name)
        let number = try Self.read(value, of: name, least: limit.least)
        if let recipe { own.append((recipe, limit, number)) } else { limit.set(number, in: &recipes) }
    }

    private static func find<Limit>(
        _ name: String, among limits: [Limit], _ nameOf: (Limit) -> String
    ) throws(LimitSettingError) -> Limit {
        if let found = limits.first(where: { nameOf($0) == name }) { return found }
        let known = RecipeLimits.all.map(\.name) + RoomLimits.settable.map(\.name)
        let hint = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" }
        throw LimitSettingError("there is no limit \"\(name)\"" + (hint ?? "; Docs/limits.md has them all"))
    }

    private static func read(_ text: String, of name: String, least: Int) throws(LimitSettingError) -> Int {
        let units = ["KiB": 10, "MiB": 20, "GiB": 30]
        let unit = name.contains("bytes") ? units.first { text.hasSuffix($0.key) } : nil
        let most = 1 << 40
        guard let number = Int(unit == nil ? text : String(text.dropLast(3))), number >= 0, number <= most,
            number << (unit?.value ?? 0) <= most, number << (unit?.value ?? 0) >= least
        else {
            throw LimitSettingError(
                "\(name): \"\(text)\" is no value for it; take a whole number from \(least) to \(most)"
                    + (name.contains("bytes") ? ", or one with KiB, MiB or GiB" : ""))
        }
        return number << (unit?.value ?? 0)
    }
}

/// Why a setting of a limit was not taken, for people.
package struct LimitSettingError: Error, Sendable, Hashable {
    package let message: String

    init(_ message: String) { self.message = message }
}
