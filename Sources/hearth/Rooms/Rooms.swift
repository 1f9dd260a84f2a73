import ArgumentParser

/// `hearth rooms …`
struct Rooms: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, make, delete, export and import rooms.",
        discussion: """
            Works on the folder given with --data; all but import also on a running server with --server URL.
            """,
        subcommands: [
            ListRooms.self, ShowRoom.self, CreateRoom.self, DeleteRoom.self, ExportRoom.self, ImportRoom.self,
        ])
}
