import ArgumentParser
import Foundation
import HearthServer
import HearthValues

/// `hearth why-closed SESSION`
struct WhyClosed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why-closed",
        abstract: "Say why a session's sockets were closed, the latest first.",
        discussion: """
            Reads what the server keeps in its data folder, whether it runs or not; with --server it asks a running \
            one. Only the latest closes are kept. A connection that never joined is found by its trace, which stands \
            in every error and every line of the log.
            """)

    @Argument(help: "The session's id, or the trace of a connection.")
    var session: String

    @OptionGroup var source: RoomSource

    @Flag(name: .long, help: "One JSON object a line, for programs.")
    var json = false

    func run() async throws {
        let closings = try await closings()
        if closings.isEmpty {
            throw CommandFailure(
                "No close of \(session) is on record. It may be open, too long ago, or the name of another server's.")
        }
        for closing in closings { print(json ? JSON.text(closing.json(remote: true)) : line(closing)) }
    }

    private func closings() async throws -> [ClosingRecord] {
        guard let client = source.client else {
            return ClosingFiles(folder: source.folder.data).records(about: session)
        }
        let answer = try await client.ask("GET", ["closings"], query: [("session", session)])
        return answer.object?["closings"]?.list?.compactMap(ClosingRecord.init) ?? []
    }

    private func line(_ closing: ClosingRecord) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let time = Date(timeIntervalSince1970: Double(closing.at) / 1_000).formatted(style)
        let from = closing.remote == "-" ? "" : ", from \(closing.remote)"
        return "\(time)  \(closing.code)  \(closing.cause)  (room \(closing.room), session \(closing.session), "
            + "trace \(closing.trace)\(from))"
    }
}
