import ArgumentParser
import HearthSQLite
import HearthStore

/// `hearth rooms delete ROOM`
struct DeleteRoom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a room and its whole history.",
        discussion:
            "On a folder: the server on it must be stopped. On a terminal it asks first; elsewhere --yes is needed.")

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    func run() async throws {
        guard yes || Terminal.confirm("Delete the room \(room) and its whole history?") else {
            throw CommandFailure("Nothing was deleted. Say --yes to delete without being asked.")
        }
        if let client = source.client {
            try await client.ask("DELETE", ["rooms", room])
        } else {
            if !source.folder.exists { throw CommandFailure("There are no rooms in \(source.folder.data).") }
            try source.folder.withStore(.server) { store in
                guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
                var write = RoomWrite(room: room)
                write.deleteRoom = true
                try store.commit([write])
                // The room is gone; what fails here is left to the next server.
                var progress = ProgressLine("Removing \(room)", total: Int(clamping: record.seq))
                while (try? store.sweep()) == true { progress.advance(by: SQLiteStoreConfiguration().removalShare) }
                progress.finish()
            }
        }
        print("Deleted \(room).")
    }
}
