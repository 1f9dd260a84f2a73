import ArgumentParser
import Foundation

/// `--data DIR` or `--server URL`: which rooms a command is about.
struct RoomSource: ParsableArguments {
    @OptionGroup var folder: DataFolder

    @Option(
        name: .long,
        help: ArgumentHelp("Ask a running server instead, like http://127.0.0.1:8080.", valueName: "url"))
    var server: String?

    func validate() throws {
        if let server, URL(string: server)?.host() == nil {
            throw ValidationError("'\(server)' is not a server's address. Give one like http://127.0.0.1:8080.")
        }
    }

    var client: RoomServer? {
        server.flatMap { URL(string: $0) }.map(RoomServer.init)
    }
}
