import ArgumentParser
import Foundation
import HearthIsolation

@main
struct Hearth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth",
        abstract: "A server for rooms: live, shared, durable state, run by small Lua recipes.",
        discussion: """
            To begin:  hearth new todo && hearth dev

            Every flag can be given as an environment variable too: --max-message is HEARTH_MAX_MESSAGE. \
            A flag wins over the variable.
            """,
        version: "0.1.0",
        subcommands: [
            Serve.self, Dev.self, New.self, Check.self, Test.self, Types.self, Meta.self, Rooms.self, Verify.self,
            Backup.self, Why.self, WhyClosed.self, Inspect.self, Log.self, Diff.self, Replay.self, Call.self, Repl.self,
            Recipes.self, Migrate.self, Token.self, SpecWorker.self,
        ])

    static func main() async {
        let given = Array(CommandLine.arguments.dropFirst())
        if given.first == WorkerCommand.name { WorkerProcess.run(Array(given.dropFirst())) }
        var fromEnvironment: [String: String] = [:]
        do {
            let settings = try EnvironmentSettings(
                help: _dumpHelp(), environment: ProcessInfo.processInfo.environment)
            let completed = try settings.complete(given)
            fromEnvironment = completed.variables
            var command = try parseAsRoot(completed.arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error, fromEnvironment: fromEnvironment)
        }
    }

    /// Help and versions go to standard output; an error is one line on standard error that says what to do.
    private static func end(with error: any Error, fromEnvironment variables: [String: String]) -> Never {
        if let failure = error as? CommandFailure {
            Terminal.complain(failure.message)
            Foundation.exit(failure.status)
        }
        let status = exitCode(for: error)
        if status.isSuccess {
            print(fullMessage(for: error))
        } else if !(error is ExitCode) {
            Terminal.complain(line(for: error, variables: variables))
        }
        Foundation.exit(status.rawValue)
    }

    private static func line(for error: any Error, variables: [String: String]) -> String {
        let full = fullMessage(for: error).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let said = message(for: error).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        var line = said.joined(separator: " ")
        if let last = line.last, last.isLetter || last == "'" { line += "." }
        for (flag, variable) in variables where line.contains("'\(flag)") {
            line += " It comes from the environment: \(variable)."
        }
        if let hint = full.last(where: { $0.hasPrefix("See '") }) {
            line += " \(hint)"
        }
        return line
    }
}

/// Why a command could not do what it was asked: one line that says what happened and what to do.
struct CommandFailure: Error {
    var message: String
    var status: Int32 = 1

    init(_ message: String, status: Int32 = 1) {
        self.message = message
        self.status = status
    }
}
