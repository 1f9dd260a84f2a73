import ArgumentParser
import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import HearthValues
import HearthWorkbench

/// `hearth check [PATH…]`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for everything that is wrong with recipes, without running them.",
        discussion: """
            Reports all problems at once, each with file, line, the line itself and what would be right: names that are \
            not there, cells and fields that are not declared, state outside of cells, writes that cannot fit, patterns \
            that take an age, and what else Docs/errors.md lists.

            Whether the cells changed and `version` did not is seen in two ways: --record writes recipe.lock beside the \
            recipe when you let a version out, and later checks compare with it; --data looks whether the rooms that \
            are stored there fit.

            The exit status is 0 when nothing is wrong (warnings count only with --strict), 1 when something is, \
            64 when the command is used wrongly.
            """)

    @Argument(help: ArgumentHelp("Folders of recipes, recipes' folders, or recipes' files.", valueName: "path"))
    var paths = ["Recipes"]

    @Option(name: .long, help: "pretty for people, json for programs.")
    var output = Output.pretty

    @Flag(name: .long, help: "Let warnings fail the check too.")
    var strict = false

    @Flag(name: .long, help: "Write recipe.lock beside each recipe without errors: its cells as of this version.")
    var record = false

    @Option(name: .long, help: ArgumentHelp("Look whether the rooms kept here fit too.", valueName: "dir"))
    var data: String?

    enum Output: String, ExpressibleByArgument, CaseIterable { case pretty, json }

    private struct Report {
        var findings: [(path: String, finding: Finding)] = []
        var recipes = 0
    }

    func run() throws {
        var report = Report()
        for path in paths { try check(path, into: &report) }
        if report.recipes == 0 {
            throw CommandFailure(
                "There are no recipes in \(paths.joined(separator: ", ")). Write one with `hearth new NAME`.")
        }
        let errors = report.findings.count { $0.finding.severity == .error }
        let warnings = report.findings.count - errors
        switch output {
        case .json: printJSON(report, errors: errors, warnings: warnings)
        case .pretty: printPretty(report, errors: errors, warnings: warnings)
        }
        if errors > 0 || strict && warnings > 0 { throw ExitCode(1) }
    }

    private func check(_ path: String, into report: inout Report) throws {
        let found: [CheckedRecipe]
        do {
            found = try CheckedRecipe.all(in: path)
            for namesake in try CheckedRecipe.namesakes(in: path) {
                report.findings.append((namesake.path, .takenName(namesake.message)))
            }
        } catch {
            throw CommandFailure(error.message)
        }
        for checked in found {
            report.recipes += 1
            var findings = RecipeCheck.findings(in: checked.source)
            if case .success(let recipe) = checked.outcome {
                findings += try versions(of: recipe, checked)
                if record, !findings.contains(where: { $0.severity == .error && $0.code != .version }) {
                    try write(SchemaLock.text(of: recipe), for: checked)
                    findings.removeAll { $0.code == .version }
                }
            }
            report.findings += findings.map { (Self.path(of: $0, in: checked), $0) }
        }
    }

    // MARK: - Versions

    private func versions(of recipe: Recipe, _ checked: CheckedRecipe) throws -> [Finding] {
        var findings: [Finding] = []
        if let lock = try? String(contentsOf: Self.lock(of: checked), encoding: .utf8) {
            findings += SchemaLock.findings(of: recipe, lock: lock)
        }
        if let data { findings += try stored(in: data, recipe) }
        return findings
    }

    private static func lock(of checked: CheckedRecipe) -> URL {
        let url = URL(filePath: checked.path)
        return url.pathExtension == "lua"
            ? url.deletingPathExtension().appendingPathExtension("lock") : url.appending(path: SchemaLock.fileName)
    }

    private func write(_ lock: String, for checked: CheckedRecipe) throws {
        let url = Self.lock(of: checked)
        do {
            try Data(lock.utf8).write(to: url, options: .atomic)
        } catch {
            throw CommandFailure("Cannot write \(url.relativePath): \(error.localizedDescription)")
        }
    }

    private static let findingsOfRoomsMax = 20

    private func stored(in data: String, _ recipe: Recipe) throws -> [Finding] {
        var folder = DataFolder()
        folder.data = data
        return try folder.withStore(.readOnly) { store in
            var findings: [Finding] = []
            var after: String?
            var progress = ProgressLine("Rooms of \(recipe.name) looked at")
            while findings.count < Self.findingsOfRoomsMax {
                let page = try store.rooms(recipe: recipe.name, after: after, limit: 200)
                for record in page {
                    guard let (snapshot, facts) = try store.stored(room: record.id, at: record.seq) else { continue }
                    let cells: Object
                    do {
                        cells = try RoomHistory.cells(snapshot: snapshot?.state, facts: facts)
                    } catch let error as RoomError {
                        throw CommandFailure(
                            "\(record.id) cannot be read: \(error.message). Run `hearth verify \(record.id)`.")
                    }
                    findings += StoredFit.findings(
                        of: recipe, room: record.id, cells: cells, version: record.recipeVersion)
                    progress.advance()
                }
                guard let last = page.last else { break }
                after = last.id
            }
            progress.finish()
            return Array(findings.prefix(Self.findingsOfRoomsMax))
        }
    }

    // MARK: - Output

    private static func path(of finding: Finding, in checked: CheckedRecipe) -> String {
        let url = URL(filePath: checked.path)
        let path = url.pathExtension == "lua" ? checked.path : url.appending(path: finding.file).relativePath
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    private func printJSON(_ report: Report, errors: Int, warnings: Int) {
        let findings = report.findings.map { $0.finding.json(path: $0.path) }
        print(
            JSON.text([
                "recipes": .int(Int64(report.recipes)), "errors": .int(Int64(errors)),
                "warnings": .int(Int64(warnings)), "findings": .list(List(findings)),
            ]))
    }

    private func printPretty(_ report: Report, errors: Int, warnings: Int) {
        for (path, finding) in report.findings {
            var place = path
            if let line = finding.line { place += ":\(line)" }
            if let column = finding.column { place += ":\(column)" }
            let word = Terminal.coloured(finding.severity.rawValue, finding.severity == .error ? .red : .dim)
            print("\(Terminal.coloured(place, .bold)): \(word): \(finding.message) [\(finding.code.rawValue)]")
            if let source = finding.source { print("    \(source)") }
            if let suggestion = finding.suggestion { print("    \(Terminal.coloured("→ \(suggestion)", .green))") }
        }
        let checked = ProgressLine.counted(report.recipes, "recipe")
        if report.findings.isEmpty { return print(Terminal.coloured("ok", .green) + "  \(checked)") }
        print(
            "\(ProgressLine.counted(errors, "error")), \(ProgressLine.counted(warnings, "warning")) in \(checked)")
    }
}
