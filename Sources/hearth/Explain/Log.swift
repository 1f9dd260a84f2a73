import ArgumentParser
import HearthRooms
import HearthValues

/// `hearth log ROOM`
struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a room's commits, newest last.",
        discussion: """
            Each with time, event, author and what it changed. From a data folder also how often the event ran, and what \
            each run that was rolled back had met; a running server (--server URL) tells what everyone may see.
            """)

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Option(name: .long, help: ArgumentHelp("Only commits after this one.", valueName: "seq"))
    var since: UInt64?

    @Option(name: .long, help: ArgumentHelp("The newest so many.", valueName: "number"))
    var limit = 20

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func validate() throws {
        if !(1...100_000).contains(limit) {
            throw ValidationError("The value '\(limit)' is invalid for '--limit': take one from 1 to 100000.")
        }
    }

    func run() async throws {
        let chronicle = Chronicle(source: source, room: room)
        let newest = try await chronicle.cells().seq
        let before = newest > UInt64(limit) ? newest - UInt64(limit) : 0
        var seq = max(since ?? 0, before)
        while seq < newest {
            let page = try await chronicle.commits(after: seq)
            guard let last = page.last else { break }
            for entry in page { show(entry) }
            seq = last.seq
        }
        if newest == 0, output == .text { print("\(room) has no commits yet.") }
    }

    private func show(_ entry: Chronicle.Entry) {
        if output == .json {
            return print(
                JSON.text([
                    "seq": .int(Int64(entry.seq)), "at": .int(entry.at), "by": entry.by.map { .string($0) } ?? .null,
                    "event": entry.event.map { .string($0) } ?? .null, "data": entry.data,
                    "runs": .int(Int64(entry.runs)), "patch": entry.patch.json,
                ]))
        }
        let author =
            entry.event == RoomConsole.eventName
            ? "by \(entry.data.object?["by"]?.string ?? "the operator") in hearth repl"
            : entry.by.map { "by \($0)" } ?? "by no participant"
        let data = entry.data.isNull || entry.data.object?.isEmpty == true ? "" : " " + StoryText.short(entry.data)
        let runs = entry.runs > 1 ? Terminal.coloured("  ran \(entry.runs) times", .red) : ""
        print(
            Terminal.coloured("\(entry.seq)", .bold)
                + "  \(StoryText.time(entry.at))  \(entry.event ?? "-")\(data)  \(author)\(runs)")
        for conflict in entry.conflicts {
            let place = conflict.file.flatMap { file in conflict.line.map { ", read at \(file):\($0)" } } ?? ""
            print("  ! \(conflict.cell)\(conflict.path) had been changed by commit \(conflict.seq)\(place)")
        }
        for line in CellTree.lines(entry.patch.operations, most: 10) { print(line) }
    }
}
