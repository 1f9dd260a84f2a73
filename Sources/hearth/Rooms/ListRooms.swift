import ArgumentParser
import HearthSQLite
import HearthStore
import HearthValues

/// `hearth rooms list`
struct ListRooms: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List rooms, in order of their ids.")

    @OptionGroup var source: RoomSource

    @Option(name: .long, help: ArgumentHelp("Only rooms of this recipe.", valueName: "name"))
    var recipe: String?

    @Flag(name: .long, help: "One JSON object a line, for programs.")
    var json = false

    func run() async throws {
        if let client = source.client { return try await list(client) }
        try source.folder.withStore(.readOnly) { store in
            try printPages { after in
                let page = try store.rooms(recipe: recipe, after: after, limit: Self.pageSize)
                return (page.map(\.summary), page.count == Self.pageSize ? page.last?.id : nil)
            }
        }
    }

    private static let pageSize = 500

    private func list(_ client: RoomServer) async throws {
        var after: String?
        var all: [RoomSummary] = []
        repeat {
            let answer = try await client.ask(
                "GET", ["rooms"],
                query: [("recipe", recipe), ("after", after), ("limit", String(Self.pageSize))])
            let page = RoomSummary.list(in: answer)
            all += page
            after = page.count == Self.pageSize ? page.last?.id : nil
        } while after != nil
        try printPages { _ in (all, nil) }
    }

    private func printPages(_ next: (String?) throws -> ([RoomSummary], String?)) throws {
        var after: String?
        var table = Table("ROOM", "RECIPE", "COMMITS", "CHANGED")
        repeat {
            let (page, following) = try next(after)
            after = following
            for room in page {
                if json { print(JSON.text(room.json)) } else { table.rows.append(room.columns) }
            }
        } while after != nil
        if json { return }
        print(table.rows.isEmpty ? "No rooms." : table.text)
    }
}
