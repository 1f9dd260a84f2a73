import ArgumentParser
import HearthValues

/// `hearth diff ROOM --from SEQ --to SEQ`
struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what changed in a room between two commits.",
        discussion: "The exit status is 0 also when there are differences.")

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Option(name: .long, help: ArgumentHelp("The earlier commit; 0 for before the first.", valueName: "seq"))
    var from: UInt64

    @Option(name: .long, help: ArgumentHelp("The later commit; the newest unless given.", valueName: "seq"))
    var to: UInt64?

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func run() async throws {
        let chronicle = Chronicle(source: source, room: room)
        // Asked for as history on both sides: what is not stored has none.
        let newest = to == nil ? try await chronicle.cells().seq : 0
        let end = to ?? newest
        let after = try await chronicle.cells(at: end).cells
        let before = from == 0 ? Object() : try await chronicle.cells(at: from).cells
        let changes = Patch.diff(from: .object(before), to: .object(after))
        switch output {
        case .json:
            print(
                JSON.text([
                    "room": .string(room), "from": .int(Int64(from)), "to": .int(Int64(end)),
                    "patch": Patch(operations: changes).json,
                ]))
        case .text:
            print(Terminal.coloured("\(room) from commit \(from) to \(end)", .bold))
            if changes.isEmpty { print("nothing is different") }
            for line in CellTree.lines(changes, most: 200) { print(line) }
        }
    }
}
