import ArgumentParser
import Foundation
import HearthRecipes
import HearthTesting

/// What `hearth test` measures beside what it tests.
struct TestMeasures: ParsableArguments {
    @Flag(name: .long, help: "Tell which lines of the recipes ran.")
    var coverage = false

    @Flag(name: .long, help: "Show the recipes' sources with how often each line ran.")
    var annotate = false

    @Option(name: .long, help: ArgumentHelp("Write which lines ran to this file, as lcov.", valueName: "file"))
    var lcov: String?

    @Option(
        name: .long, help: ArgumentHelp("Fail when fewer lines than this ran, in per cent.", valueName: "percent"))
    var coverageMin: Double?

    @Flag(name: .long, help: "Tell what each handler used of its budget.")
    var budgets = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Fail when a handler uses more instructions than this file says; without the file, write it.",
            valueName: "file"))
    var budgetBaseline: String?

    var countsLines: Bool { coverage || annotate || lcov != nil || coverageMin != nil }

    func validate() throws {
        if let coverageMin, !(0...100).contains(coverageMin) {
            throw ValidationError("The value '\(coverageMin)' is invalid for '--coverage-min': take one from 0 to 100.")
        }
    }

    /// Says and writes what was asked for.
    ///
    /// - Parameters:
    ///   - path: where a file of a recipe lies.
    ///   - say: takes what is said; for programs that read the report, not where they read.
    /// - Returns: whether nothing fell short.
    /// - Throws: `CommandFailure` when a file cannot be read or written.
    func conclude(
        _ ledger: SpecLedger, path: @escaping (SpecLedger.CoveredFile) -> String, say: (String) -> Void
    ) throws -> Bool {
        var isGood = true
        if countsLines {
            let report = CoverageReport(ledger.coveredFiles, path: path)
            if annotate { say(report.annotated { Terminal.coloured($0, .red, on: Terminal.outputIsTerminal) }) }
            if coverage || coverageMin != nil { say(report.summary) }
            if let lcov { try write(report.lcov, to: lcov) }
            if let coverageMin, report.percent < coverageMin {
                Terminal.complain("\(report.percent) % of the lines ran, fewer than \(coverageMin) %.")
                isGood = false
            }
        }
        let report = BudgetReport(ledger.uses)
        if budgets { say(report.table) }
        if let budgetBaseline {
            let worse = try worse(report, than: budgetBaseline)
            for sentence in worse { Terminal.complain("\(sentence) (\(budgetBaseline)).") }
            isGood = isGood && worse.isEmpty
        }
        return isGood
    }

    private func worse(_ report: BudgetReport, than file: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: file) else {
            try write(report.baseline, to: file)
            Terminal.note("Wrote what handlers use now to \(file).")
            return []
        }
        do {
            return try report.worse(than: String(contentsOfFile: file, encoding: .utf8))
        } catch {
            throw CommandFailure(
                "The baseline \(file) cannot be read: \(error). Delete it, and the next run writes it.")
        }
    }

    private func write(_ text: String, to file: String) throws {
        do {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure("\(file) cannot be written: \(error.localizedDescription)")
        }
    }
}
