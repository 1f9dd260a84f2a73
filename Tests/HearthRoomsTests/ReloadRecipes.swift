/// Versions of the sample chat, made from its text.
enum ReloadRecipes {
    static let chat = SampleRecipes.chat

    /// `version = N`, and whatever else is to be another, as pairs of what stands there and what is to.
    static func chat(version: Int, _ edits: (String, String)...) -> String {
        edits.reduce(chat.replacing("version = 1,", with: "version = \(version),")) { $0.replacing($1.0, with: $1.1) }
    }

    /// Behaves otherwise, and derives otherwise.
    static let louder = chat(version: 1, (#"return "n" .."#, #"return "N" .."#))

    /// A new cell of the room and of each participant, a field more in what is there, and a migration that counts.
    static let topics = chat(
        version: 2,
        (
            "total  =",
            "topic = t.string { default = \"none\" }, mood = t.string { default = \"calm\" } :per \"session\", total  ="
        ),
        ("max = 40 } }", "max = 40 }, nick = t.string { default = \"-\" } }"),
        ("on = {", "on = { migrate = function(cells, from, ctx) cells.topic = \"from \" .. from end,"))

    /// Cells are gone, handlers too, and what was not private is.
    static let poorer = chat(
        version: 3, ("pointed = t.any,", ""), ("point = function(cells, data) cells.pointed = data.to end,", ""),
        ("later = function(cells, data, ctx) return ctx.after(data.ms, \"tick\", { by = 5 }) end,", ""),
        ("tick = function(cells, data) cells.total:increment(data.by) end,", ""))

    /// Holds what no room with messages can hold.
    static let unfit = chat(version: 4, ("at = t.integer(),", "at = t.string(),"))

    /// Fails in its migration.
    static let failing = chat(
        version: 5, ("on = {", "on = { migrate = function(cells) cells.total = 7; error(\"not today\") end,"))

    /// Fails in a derived cell.
    static let underivable = chat(version: 1, (#"return "n" .."#, "return nil .."))

    static let versions = [chat, louder, topics, poorer, unfit, failing, underivable]
}
