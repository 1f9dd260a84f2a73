import ArgumentParser
import HearthRecipes
import HearthRooms
import HearthValues

/// `hearth call ROOM EVENT [DATA]`
struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a handler of a room.",
        discussion: """
            As a server's call: with no participant. Prints what the handler returned. On a running server, or with \
            --data in a folder that no server runs on.
              hearth call lobby reset --server http://127.0.0.1:8080
              hearth call lobby send '{"text": "hi"}'
            """)

    @Argument(help: "The room's id.")
    var room: String

    @Argument(help: "The handler.")
    var event: String

    @Argument(help: ArgumentHelp("What it is sent, as JSON.", valueName: "data"))
    var json: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The running server; http://127.0.0.1:8080 unless --data is given.", valueName: "url"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("A data folder that no server runs on.", valueName: "dir"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Where the room's recipe is, for a data folder.", valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func run() async throws {
        var given: Value?
        if let json {
            do {
                given = try JSON.parse(Array(json.utf8))
            } catch {
                throw CommandFailure("'\(json)' is not JSON: \(error.message)", status: 64)
            }
        }
        guard let data, server == nil else { return try await ask(server ?? "http://127.0.0.1:8080", given) }
        let rooms = StoredRooms(folder: try DataFolder.parse(["--data", data]), recipes: recipes)
        switch try rooms.run(ServerCall(name: event, data: given ?? .null), in: room) {
        case .success(let (ack, _)): show(result: ack.result, seq: Int64(clamping: ack.seq), runs: ack.runs)
        case .failure(let failure): throw CommandFailure(failure.message)
        }
    }

    private func ask(_ server: String, _ given: Value?) async throws {
        guard let client = try RoomSource.parse(["--server", server]).client else {
            throw CommandFailure("'\(server)' is not a server's address.")
        }
        var body: Object = ["name": .string(event)]
        body["data"] = given
        let answer = try await client.ask("POST", ["rooms", room, "events"], body: .object(body)).object ?? Object()
        show(
            result: answer["result"], seq: answer["seq"]?.int ?? 0, runs: Int(clamping: answer["runs"]?.int ?? 1))
    }

    private func show(result: Value?, seq: Int64, runs: Int) {
        if output == .json {
            var answer: Object = ["seq": .int(seq)]
            answer["result"] = result
            if runs > 1 { answer["runs"] = .int(Int64(runs)) }
            return print(JSON.text(.object(answer)))
        }
        if let result { print(JSON.text(result)) }
        Terminal.note("done, at commit \(seq)\(runs > 1 ? ", ran \(runs) times" : "")")
    }
}
