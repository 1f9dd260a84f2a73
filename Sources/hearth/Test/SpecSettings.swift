import ArgumentParser

/// How specs are run: the same for `hearth test` and for the process of each file.
struct SpecSettings: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Run only tests whose full name has this in it.", valueName: "text"))
    var filter: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The seed of `explore`, whatever the specs say; also of rooms without one.", valueName: "n"))
    var seed: Int64?

    @Option(
        name: .long,
        help: ArgumentHelp("Where recipes are that do not lie beside the spec.", valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: ArgumentHelp("How long one spec file may take, in seconds.", valueName: "s"))
    var timeout = 300

    @Option(
        name: .long,
        help: ArgumentHelp(
            "none, or process: run recipes in processes of their own, without files and network.", valueName: "how"))
    var isolate = Isolation.none

    @OptionGroup(title: "Limits of recipes and rooms") var limits: LimitFlags

    func validate() throws {
        guard (1...1_000_000).contains(timeout) else {
            throw ValidationError("The value '\(timeout)' is invalid for '--timeout': take one from 1.")
        }
    }

    /// As they would be typed.
    var arguments: [String] {
        var arguments = ["--recipes=\(recipes)", "--timeout=\(timeout)", "--isolate=\(isolate)"]
        if let filter { arguments.append("--filter=\(filter)") }
        if let seed { arguments.append("--seed=\(seed)") }
        return arguments + limits.limit.map { "--limit=\($0)" }
    }
}
