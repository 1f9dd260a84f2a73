import ArgumentParser
import Foundation
import HearthLua
import HearthRecipes
import HearthRooms
import HearthTesting

/// `hearth test [PATH...]`
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the specs of recipes.",
        discussion: """
            A spec is a file NAME_spec.lua in busted's vocabulary; its rooms are real, in memory, with a clock of \
            their own. The exit status is 1 when a test fails. Docs/testing-recipes.md says what a spec can do.
            """)

    @Argument(help: "Specs, or folders that are searched for them.")
    var paths = ["Recipes"]

    @Option(name: .long, help: ArgumentHelp("Run only tests whose full name has this in it.", valueName: "text"))
    var filter: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The seed of `explore`, whatever the specs say; also of rooms without one.", valueName: "n"))
    var seed: Int64?

    @Option(name: .long, help: "What is written: pretty, tap, junit or json.")
    var output = SpecOutput.pretty

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

    @OptionGroup(title: "Measures") var measures: TestMeasures

    @OptionGroup(title: "Limits of recipes and rooms") var limits: LimitFlags

    @Flag(name: .long, help: "Run again whenever a Lua file changes; Ctrl-C ends it.")
    var watch = false

    func validate() throws {
        guard timeout > 0 else {
            throw ValidationError("The value '\(timeout)' is invalid for '--timeout': take one from 1.")
        }
        if measures.countsLines, isolate != .none {
            throw ValidationError("Lines are counted in this process only: leave out '--isolate \(isolate)'.")
        }
    }

    func run() throws {
        let isolation = try isolate.begin(try limits.settings())
        guard watch else {
            if try !runAll(try specs(), isolation) { throw ExitCode(1) }
            return
        }
        while true {
            let before = SpecFolder.changes(in: paths + [recipes])
            do { _ = try runAll(try specs(), isolation) } catch let failure as CommandFailure {
                Terminal.complain(failure.message)
            }
            Terminal.note("Waiting for a change…")
            while SpecFolder.changes(in: paths + [recipes]) == before { Thread.sleep(forTimeInterval: 0.3) }
        }
    }

    private func specs() throws -> [String] {
        let specs = try paths.flatMap(SpecFolder.specs)
        if specs.isEmpty {
            throw CommandFailure(
                "There are no specs in \(paths.joined(separator: ", ")). A spec is a file that ends in _spec.lua; "
                    + "`hearth new NAME` writes one.")
        }
        return specs
    }

    /// - Returns: whether all went well.
    private func runAll(_ specs: [String], _ isolation: RecipeIsolation) throws -> Bool {
        let ledger = SpecLedger(coversLines: measures.countsLines)
        let folders = RecipePlaces()
        var report = output.report(coloured: Terminal.outputIsTerminal && Terminal.coloursAreWanted)
        var counts = SpecCounts()
        let begun = Date.now
        for path in specs { run(path, isolation, ledger, folders, &report, &counts) }
        say(report.finished(ms: -begun.timeIntervalSinceNow * 1000))
        if counts.all == 0, counts.broken == 0 {
            Terminal.complain(filter.map { "No test has \"\($0)\" in its name." } ?? "There is no test in these specs.")
            return false
        }
        let fellShort = try !measures.conclude(ledger, path: folders.path) { text in
            output == .pretty ? say(text) : Terminal.note(text)
        }
        return counts.isGood && !fellShort
    }

    private func run(
        _ path: String, _ isolation: RecipeIsolation, _ ledger: SpecLedger, _ folders: RecipePlaces,
        _ report: inout any SpecReport, _ counts: inout SpecCounts
    ) {
        say(report.began(file: path))
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            counts.broken += 1
            return say(report.failed(file: path, line: nil, message: "the file cannot be read as UTF-8"))
        }
        var options = SpecRun.Options()
        options.filter = filter
        options.seed = seed
        options.isolation = isolation
        options.ledger = ledger
        options.limits = (try? limits.settings()) ?? LimitSettings()  // checked before anything runs
        options.timeoutMs = UInt64(timeout) * 1000
        let told = Told(report)
        var spec = SpecRun(path: path, text: text, options: options) { name in
            let (source, place) = try SpecFolder.recipe(named: name, beside: path, or: recipes)
            folders.places[name] = place
            return source
        }
        spec.onBegin = { _ in told.begun = .now }
        spec.onResult = { result in
            told.counts.count(result.status)
            say(told.report.ended(result, ms: -told.begun.timeIntervalSinceNow * 1000))
        }
        spec.onPrint = { Terminal.note($0) }
        do throws(LuaError) {
            try spec.run()
        } catch {
            told.counts.broken += 1
            let message = error.sourceLine.map { "\(error.message)\n    \($0)" } ?? error.message
            say(told.report.failed(file: error.file ?? path, line: error.line, message: message))
        }
        report = told.report
        counts.passed += told.counts.passed
        counts.failed += told.counts.failed
        counts.pending += told.counts.pending
        counts.broken += told.counts.broken
    }

    private func say(_ text: String) {
        if !text.isEmpty { Terminal.write(text, to: FileHandle.standardOutput) }
    }
}

/// What the closures of one file's run share.
private final class Told {
    var report: any SpecReport
    var counts = SpecCounts()
    var begun = Date.now

    init(_ report: any SpecReport) { self.report = report }
}

/// Where the recipes of the specs lie.
private final class RecipePlaces {
    var places: [String: String] = [:]

    func path(_ covered: SpecLedger.CoveredFile) -> String {
        guard let place = places[covered.recipe] else { return "\(covered.recipe)/\(covered.file.path)" }
        return place.hasSuffix(".lua") ? place : "\(place)/\(covered.file.path)"
    }
}

extension SpecOutput: ExpressibleByArgument {}
