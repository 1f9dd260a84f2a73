import ArgumentParser
import Foundation
import HearthValues

/// `hearth repl ROOM`
struct Repl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run Lua on a room's cells, as you type it.",
        discussion: """
            What you type runs as a handler does, with cells, ctx, the sandbox and its limits; what it returns is shown. \
            An expression needs no return, and what is not finished at the end of a line goes on in the next one. Each \
            entry stands for itself: local variables end with it.
              lobby> #cells.messages
              lobby> for user, cell in pairs(cells.user) do print(user, cell.name) end

            It looks only. With --write each entry is one transaction of the room, durable and seen by everybody in it; \
            in the log it is hearth.repl, with the line and who typed it.

            From a data folder (--data); with --write no server may run on it. Or in a running server (--server), which \
            takes a token in HEARTH_TOKEN that has the role operator and may join the room, for --write also call it; a \
            server without tokens, asked from its own machine, must run as hearth dev or with --local-operator.

            Entries may come from a pipe: then the first that fails ends it, with exit status 1.
            """)

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Flag(name: .long, help: "Let entries change the room.")
    var write = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Run this instead of what is typed, and end.", valueName: "lua"))
    var execute: String?

    @Option(
        name: .long, help: ArgumentHelp("Where the room's recipe is, for a data folder.", valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: "text for people, json for machines: one object for each entry.")
    var output = Why.OutputFormat.text

    func run() async throws {
        let console: any ReplConsole =
            if let client = source.client {
                ServedConsole(room: room, client: client, mayWrite: write)
            } else {
                StoredConsole(
                    rooms: StoredRooms(folder: source.folder, recipes: recipes), room: room, mayWrite: write)
            }
        if let execute {
            guard case .whole(let entry) = LuaEntry.read(execute) else {
                throw CommandFailure("What --execute gives is not finished: \(execute)")
            }
            return try show(try await console.run(entry), of: execute)
        }
        try await converse(with: console)
    }

    /// Entry by entry, until there are no more.
    private func converse(with console: any ReplConsole) async throws {
        let isTyped = isatty(STDIN_FILENO) == 1
        if isTyped {
            // Says at once that there is no such room, rather than after the first entry.
            _ = try await console.run("return")
            Terminal.note(
                Terminal.coloured(
                    write
                        ? "What you enter changes \(room). Ctrl-D ends."
                        : "Looking only; --write changes things. Ctrl-D ends.",
                    .dim, on: Terminal.errorIsTerminal))
        }
        var pending = ""
        while let line = next(isTyped, isContinued: !pending.isEmpty) {
            if pending.isEmpty {
                if line.allSatisfy(\.isWhitespace) { continue }
                if isTyped, ["exit", "quit"].contains(line.trimmingCharacters(in: .whitespaces)) { return }
            }
            pending += pending.isEmpty ? line : "\n" + line
            guard case .whole(let entry) = LuaEntry.read(pending) else { continue }
            let typed = pending
            pending = ""
            do {
                try show(try await console.run(entry), of: typed)
            } catch let failure as CommandFailure {
                guard isTyped else { throw failure }
                Terminal.complain(failure.message)
            } catch let exit as ExitCode {
                guard isTyped else { throw exit }
            }
        }
        if isTyped { Terminal.note("") }
        if !pending.isEmpty { throw CommandFailure("The last entry is not finished: \(pending)") }
    }

    private func next(_ isTyped: Bool, isContinued: Bool) -> String? {
        if isTyped {
            let mark = isContinued ? String(repeating: " ", count: room.count) + "| " : "\(room)> "
            Terminal.write(Terminal.coloured(mark, .dim, on: Terminal.errorIsTerminal), to: FileHandle.standardError)
        }
        return readLine()
    }

    /// - Throws: `ExitCode` when the entry failed, after saying why.
    private func show(_ outcome: ReplOutcome, of typed: String) throws {
        switch outcome {
        case .done(let done):
            if output == .json { return print(JSON.text(done.json)) }
            for line in done.printed { print(line) }
            for value in done.values { print(LuaText.text(value)) }
            if write, let seq = done.commit {
                Terminal.note(Terminal.coloured("at commit \(seq)", .dim, on: Terminal.errorIsTerminal))
            }
            Terminal.flush()
        case .failed(let error):
            if output == .json {
                print(JSON.text(["error": .object(error)]))
            } else {
                Terminal.complain(Self.account(of: error))
                if let line = Self.line(of: error, in: typed) { Terminal.note("    " + line) }
            }
            Terminal.flush()
            throw ExitCode(1)
        }
    }

    private static func account(of error: Object) -> String {
        let code = error["code"]?.string ?? ""
        let message = error["message"]?.string ?? "it failed"
        return ["handler_failed", "invalid_data"].contains(code) ? message : "\(code): \(message)"
    }

    /// Of a line that is quoted, so much is shown.
    private static let lineCharactersMax = 200

    /// The line that an error is about.
    private static func line(of error: Object, in typed: String) -> String? {
        guard let details = error["details"]?.object, let number = details["line"]?.int else { return nil }
        if let source = details["source"]?.string { return source }
        guard details["file"]?.string == "<repl>" else { return nil }
        let lines = typed.split(separator: "\n", omittingEmptySubsequences: false)
        let place = Int(clamping: number) - 1
        guard lines.indices.contains(place) else { return nil }
        let line = lines[place].trimmingCharacters(in: .whitespaces)
        return line.count > lineCharactersMax ? line.prefix(lineCharactersMax - 1) + "…" : line
    }
}
