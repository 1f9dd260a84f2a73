import ArgumentParser
import Foundation
import HearthLua
import HearthTesting

/// `hearth test [PATH...]`
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the specs of recipes.",
        discussion: """
            A spec is a file NAME_spec.lua in busted's vocabulary; its rooms are real, in memory, with a clock of \
            their own. Each file runs in a process of its own, several at once; what is said stands in the order of \
            the files. The exit status is 1 when a test fails. Docs/testing-recipes.md says what a spec can do.
            """)

    @Argument(help: "Specs, or folders that are searched for them.")
    var paths = ["Recipes"]

    @OptionGroup var how: SpecSettings

    @Option(name: .long, help: "What is written: pretty, tap, junit or json.")
    var output = SpecOutput.pretty

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many spec files run at once; as many as there are processors unless given.",
            valueName: "number"))
    var jobs: Int?

    @OptionGroup(title: "Measures") var measures: TestMeasures

    @Flag(name: .long, help: "Run again whenever a Lua file changes; Ctrl-C ends it.")
    var watch = false

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) {
            throw ValidationError("The value '\(jobs)' is invalid for '--jobs': take one from 1 to 256.")
        }
        if measures.countsLines, how.isolate != .none {
            throw ValidationError("Lines are counted without isolation only: leave out '--isolate \(how.isolate)'.")
        }
    }

    func run() throws {
        _ = try how.isolate.begin(try how.limits.settings())
        guard watch else {
            if try !runAll(try specs()) { throw ExitCode(1) }
            return
        }
        while true {
            let before = SpecFolder.changes(in: paths + [how.recipes])
            do { _ = try runAll(try specs()) } catch let failure as CommandFailure {
                Terminal.complain(failure.message)
            }
            Terminal.note("Waiting for a change…")
            while SpecFolder.changes(in: paths + [how.recipes]) == before { Thread.sleep(forTimeInterval: 0.3) }
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
    private func runAll(_ specs: [String]) throws -> Bool {
        let ledger = SpecLedger(coversLines: false)
        var places: [String: String] = [:]
        var report = output.report(coloured: Terminal.outputIsTerminal && Terminal.coloursAreWanted)
        var counts = SpecCounts()
        let begun = Date.now
        let crew = SpecCrew(specs, how, countsLines: measures.countsLines)
        crew.start(jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
        for (number, path) in specs.enumerated() {
            say(report.began(file: path))
            while let event = crew.next(ofFile: number) {
                switch event {
                case .began: break
                case .ended(let result, let ms):
                    counts.count(result.status)
                    say(report.ended(result, ms: ms))
                case .printed(let text): Terminal.note(text)
                case .broken(let file, let line, let message):
                    counts.broken += 1
                    say(report.failed(file: file, line: line, message: message))
                case .measured(let files, let uses, let found):
                    ledger.take(files, uses)
                    places.merge(found) { _, last in last }
                }
            }
        }
        say(report.finished(ms: -begun.timeIntervalSinceNow * 1000))
        if counts.all == 0, counts.broken == 0 {
            Terminal.complain(
                how.filter.map { "No test has \"\($0)\" in its name." } ?? "There is no test in these specs.")
            return false
        }
        let fellShort = try !measures.conclude(ledger, path: { Self.path(of: $0, in: places) }) { text in
            output == .pretty ? say(text) : Terminal.note(text)
        }
        return counts.isGood && !fellShort
    }

    private static func path(of covered: SpecLedger.CoveredFile, in places: [String: String]) -> String {
        guard let place = places[covered.recipe] else { return "\(covered.recipe)/\(covered.file.path)" }
        return place.hasSuffix(".lua") ? place : "\(place)/\(covered.file.path)"
    }

    private func say(_ text: String) {
        if !text.isEmpty { Terminal.write(text, to: FileHandle.standardOutput) }
    }
}

extension SpecOutput: ExpressibleByArgument {}
