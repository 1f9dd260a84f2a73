import ArgumentParser
import Foundation
import HearthLua
import HearthRooms
import HearthTesting

/// `hearth spec-worker FILE`: runs one spec file for `hearth test` and says on standard output what happens, a line of
/// JSON for each thing. It ends with the process that started it, whose end of its standard input closes then.
struct SpecWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec-worker", abstract: "Run one spec file for `hearth test`.", shouldDisplay: false)

    @Argument(help: "The spec.")
    var path: String

    @OptionGroup var how: SpecSettings

    @Flag(name: .long, help: "Count the lines of recipes that run.")
    var countLines = false

    func run() throws {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            Foundation.exit(1)
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            say(.broken(file: path, line: nil, message: "the file cannot be read as UTF-8"))
            return say(.measured([], [:], places: [:]))
        }
        let ledger = SpecLedger(coversLines: countLines)
        let told = Told()
        var spec = SpecRun(path: path, text: text, options: try options(ledger)) { [path, how] name in
            let (source, place) = try SpecFolder.recipe(named: name, beside: path, or: how.recipes)
            told.places[name] = place
            return source
        }
        spec.onBegin = { path in
            told.begun = .now
            say(.began(path))
        }
        spec.onResult = { say(.ended($0, ms: -told.begun.timeIntervalSinceNow * 1000)) }
        spec.onPrint = { say(.printed($0)) }
        do throws(LuaError) {
            try spec.run()
        } catch {
            let message = error.sourceLine.map { "\(error.message)\n    \($0)" } ?? error.message
            say(.broken(file: error.file ?? path, line: error.line, message: message))
        }
        say(.measured(ledger.coveredFiles, ledger.uses, places: told.places))
    }

    private func options(_ ledger: SpecLedger) throws -> SpecRun.Options {
        var options = SpecRun.Options()
        options.filter = how.filter
        options.seed = how.seed
        options.limits = try how.limits.settings()
        options.isolation = try how.isolate.begin(options.limits)
        options.ledger = ledger
        options.timeoutMs = UInt64(how.timeout) * 1000
        return options
    }

    private func say(_ event: SpecEvent) {
        Terminal.write(event.line + "\n", to: FileHandle.standardOutput)
    }
}

/// What the closures of a run share.
private final class Told {
    var begun = Date.now
    /// Where recipes lie, by their names.
    var places: [String: String] = [:]
}
