import ArgumentParser
import HearthValues

/// `hearth call ROOM EVENT [DATA] --server URL`
struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a handler of a room on a running server.",
        discussion: """
            As a server's call: with no participant. Prints what the handler returned.
              hearth call lobby reset --server http://127.0.0.1:8080
              hearth call lobby send '{"text": "hi"}'
            """)

    @Argument(help: "The room's id.")
    var room: String

    @Argument(help: "The handler.")
    var event: String

    @Argument(help: "What it is sent, as JSON.")
    var data: String?

    @Option(name: .long, help: ArgumentHelp("The running server.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func run() async throws {
        guard let client = try RoomSource.parse(["--server", server]).client else {
            throw CommandFailure("'\(server)' is not a server's address.")
        }
        var body: Object = ["name": .string(event)]
        if let data {
            do {
                body["data"] = try JSON.parse(Array(data.utf8))
            } catch {
                throw CommandFailure("'\(data)' is not JSON: \(error).", status: 64)
            }
        }
        let answer = try await client.ask("POST", ["rooms", room, "events"], body: .object(body))
        if output == .json { return print(JSON.text(answer)) }
        let object = answer.object ?? Object()
        if let result = object["result"] { print(JSON.text(result)) }
        let runs = object["runs"]?.int.map { ", ran \($0) times" } ?? ""
        Terminal.note("done, at commit \(object["seq"]?.int ?? 0)\(runs)")
    }
}
