import ArgumentParser
import HearthRooms
import HearthSQLite
import HearthStore
import HearthValues

/// `hearth rooms show ROOM`
struct ShowRoom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a room, now or at an earlier commit.")

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Flag(name: .long, help: "The room's cells, as JSON.")
    var cells = false

    @Option(name: .long, help: ArgumentHelp("The cells as of this commit.", valueName: "seq"))
    var at: UInt64?

    func run() async throws {
        if let client = source.client { return try await show(client) }
        try source.folder.withStore(.readOnly) { store in
            guard let stored = try store.load(room: room) else { throw StoreError.missing(room: room) }
            if cells || at != nil { return print(JSON.text(.object(try history(store)))) }
            show(stored, cells: try history(store))
        }
    }

    private func show(_ client: RoomServer) async throws {
        let path = cells || at != nil ? ["rooms", room, "cells"] : ["rooms", room]
        print(JSON.text(try await client.ask("GET", path, query: [("at", at.map { String($0) })])))
    }

    private func history(_ store: any RoomStore) throws -> Object {
        let head = try store.record(room: room)?.seq ?? 0
        guard let (snapshot, facts) = try store.stored(room: room, at: at ?? head) else {
            throw CommandFailure("\(room) has \(head) commits; there is no commit \(at ?? head).")
        }
        do {
            return try RoomHistory.cells(snapshot: snapshot?.state, facts: facts)
        } catch {
            throw CommandFailure("\(room) cannot be read: \(error). Run `hearth verify \(room)`.")
        }
    }

    private func show(_ stored: StoredRoom, cells: Object) {
        let record = stored.record
        print(
            """
            room      \(record.id)
            recipe    \(record.recipe), version \(record.recipeVersion)
            commits   \(ProgressLine.grouped(Int(clamping: record.seq)))
            head      \(record.head.hex)
            epoch     \(record.epoch)
            made      \(RoomSummary.time(record.createdAt))
            changed   \(RoomSummary.time(record.updatedAt))
            sessions  \(stored.sessions.count)
            timers    \(stored.timers.count)
            cells     \(cells.count)
            """)
        for (id, value) in cells.prefix(Self.cellsShownMax) {
            print("  \(id)  \(Terminal.coloured(Self.size(of: value), .dim))")
        }
        if cells.count > Self.cellsShownMax {
            print("  and \(cells.count - Self.cellsShownMax) more: --cells shows all")
        }
    }

    private static let cellsShownMax = 40

    private static func size(of value: Value) -> String {
        switch value {
        case .list(let list): return "list of \(ProgressLine.grouped(list.count))"
        case .object(let object): return "object with \(ProgressLine.grouped(object.count)) keys"
        default:
            let text = JSON.text(value)
            return text.count > 60 ? text.prefix(57) + "..." : text
        }
    }
}
