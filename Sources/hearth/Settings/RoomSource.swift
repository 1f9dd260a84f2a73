import ArgumentParser
import Foundation
import HearthSQLite
import HearthStore

/// `--data DIR` or `--server URL`: which rooms a command is about.
struct RoomSource: ParsableArguments {
    @OptionGroup var folder: DataFolder

    @Option(
        name: .long,
        help: ArgumentHelp("Ask a running server instead, like http://127.0.0.1:8080.", valueName: "url"))
    var server: String?

    func validate() throws {
        if let server, URL(string: server)?.host() == nil || !server.hasPrefix("http") {
            throw ValidationError("'\(server)' is not a server's address. Give one like http://127.0.0.1:8080.")
        }
    }

    var client: RoomServer? {
        server.flatMap { URL(string: $0) }.map(RoomServer.init)
    }

    /// Hands over a store with the room in it, to be read: the folder's, or a copy of what the server has.
    ///
    /// - Throws: `CommandFailure` that says what to do.
    func withRoom<R>(_ room: String, _ body: (any RoomStore) throws -> R) async throws -> R {
        guard let client else { return try folder.withStore(.readOnly, body) }
        let store = MemoryStore()
        do {
            var taking = RoomImport(into: store)
            for line in try await client.export(of: room) { try taking.accept(line: line) }
            _ = try taking.finish()
            return try body(store)
        } catch let error as StoreError {
            throw CommandFailure(error.message)
        }
    }
}
