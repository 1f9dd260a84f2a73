import Foundation
import HearthRecipes
import HearthRooms
import HearthServer
import HearthWorkbench

/// What became of a save, on the terminal.
enum DevTerminal {
    static func tell(_ result: RecipeReloadResult) {
        for warning in result.warnings { show(warning, of: result, "warning: ") }
        switch result.outcome {
        case .unchanged: break
        case .gone: say(result, .dim, "its files are gone; its rooms go on")
        case .broken(let error):
            say(result, .red, "not reloaded, version \(result.version) goes on")
            for problem in error.problems { show(problem, of: result) }
        case .taken(let rooms):
            let slowest = Double(rooms.map(\.microseconds).max() ?? 0) / 1_000
            let refused = result.refusals
            let migrated = rooms.filter { room in
                if case .swapped(_, let migrated) = room.report.outcome { migrated } else { false }
            }.count
            var said = "\(result.isNew ? "new, " : "")now version \(result.version) in "
            said += ProgressLine.counted(rooms.count - refused.count, "room")
            if migrated > 0 { said += ", \(migrated) migrated" }
            if !rooms.isEmpty { said += ", \(slowest) ms" }
            say(result, refused.isEmpty ? .green : .red, said)
            for problem in result.problems { show(problem, of: result) }
            check(result.path)
            for room in rooms where room.report.lostWaits > 0 || !room.report.lostTimers.isEmpty {
                let timers =
                    room.report.lostTimers.isEmpty ? "" : ", timers \(room.report.lostTimers.joined(separator: ", "))"
                say(
                    result, .red,
                    "\(room.room): handlers are gone of \(ProgressLine.counted(room.report.lostWaits, "waiting event"))\(timers)"
                )
            }
        }
    }

    /// Shows what `hearth check` says of the recipes in `path` that load; of others the server has said it.
    static func check(_ path: String) {
        for checked in (try? CheckedRecipe.all(in: path)) ?? [] {
            guard case .success = checked.outcome else { continue }
            for finding in RecipeCheck.findings(in: checked.source) {
                let message = finding.suggestion.map { "\(finding.message); \($0)" } ?? finding.message
                let problem = RecipeProblem(
                    file: finding.file, line: finding.line, message: message, source: finding.source)
                show(problem, in: checked.path, "\(finding.severity.rawValue): ")
            }
        }
    }

    /// With the time: what is said after one save may be what was said after the one before.
    private static func say(_ result: RecipeReloadResult, _ colour: Terminal.Colour, _ text: String) {
        let time = Date.now.formatted(
            Date.ISO8601FormatStyle(timeZone: .current).time(includingFractionalSeconds: false))
        Terminal.note("\(time) \(Terminal.coloured(result.name, colour, on: Terminal.errorIsTerminal)): \(text)")
    }

    private static func show(_ problem: RecipeProblem, of result: RecipeReloadResult, _ prefix: String = "") {
        show(problem, in: result.path, prefix)
    }

    private static func show(_ problem: RecipeProblem, in path: String, _ prefix: String) {
        let here = FileManager.default.currentDirectoryPath + "/"
        let path = path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
        let folder = URL(filePath: path)
        let file = folder.pathExtension == "lua" ? path : folder.appending(path: problem.file).relativePath
        let place = problem.line.map { "\(file):\($0)" } ?? file
        Terminal.note("  \(prefix)\(Terminal.coloured(place, .bold, on: Terminal.errorIsTerminal)): \(problem.message)")
        if let source = problem.source { Terminal.note("      " + source.trimmingCharacters(in: .whitespaces)) }
    }
}
