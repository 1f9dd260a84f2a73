import Foundation
import HearthStore
import HearthValues
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import HearthServer

/// A whole server on a port of its own, for as long as `body` runs, and a client that speaks plain bytes.
struct Loopback {
    let port: Int
    let log: LogRecord

    static func serve(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, _ body: (Loopback) async throws -> Void
    ) async throws {
        let recipes = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: recipes, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: recipes) }
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.recipes = recipes.path
        change(&configuration)
        let log = LogRecord()
        let (ports, told) = AsyncStream<Int>.makeStream()
        let server = HearthServer(
            configuration: configuration, store: MemoryStore(), logger: Logger(label: "test") { _ in log.handler },
            onListening: { told.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { return }
            try await body(Loopback(port: port, log: log))
            group.cancelAll()
        }
    }

    struct Answer: Sendable {
        let status: Int
        let head: String
        let body: String
        /// `error.code` of the body.
        var code: String? {
            guard case .object(let object)? = try? JSON.parse(body), case .object(let error)? = object["error"],
                case .string(let code)? = error["code"]
            else { return nil }
            return code
        }
    }

    /// Sends one request and reads until the server closes.
    func ask(_ method: String, _ path: String, _ fields: [String: String] = [:]) async throws -> Answer {
        var fields = fields
        if fields["Connection"] == nil { fields["Connection"] = "close" }
        let lines = fields.map { "\($0): \($1)\r\n" }.joined()
        let text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(lines)\r\n"
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let answer = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var all = ByteBuffer()
            for try await var part in inbound { all.writeBuffer(&part) }
            return String(buffer: all)
        }
        let parts = answer.components(separatedBy: "\r\n\r\n")
        let status = Int(parts[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        return Answer(status: status, head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    /// Asks for a WebSocket.
    func upgrade(_ path: String, _ fields: [String: String] = [:]) async throws -> Answer {
        let standard = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        return try await ask("GET", path, standard.merging(fields) { $1 })
    }
}

/// Log lines, kept.
final class LogRecord: Sendable {
    private let kept = NIOLockedValueBox<[String]>([])

    var lines: [String] { kept.withLockedValue { $0 } }
    var handler: any LogHandler { Handler(record: self) }

    private struct Handler: LogHandler {
        let record: LogRecord
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = LogLine.fields(metadata, event.metadata ?? [:]).map { "\($0)=\($1)" }
            let line = ["\(event.message)"] + fields
            record.kept.withLockedValue { $0.append(line.joined(separator: " ")) }
        }
    }
}
