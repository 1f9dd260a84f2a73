import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HearthServer

@Suite struct `A request that takes its time` {
    private let channel = EmbeddedChannel()
    private let counters = ServerCounters()

    private func open() throws {
        let door = RequestDoor(
            limits: RequestLimits(), counters: counters, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try channel.pipeline.syncOperations.addHandler(door)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func receive(_ part: HTTPServerRequestPart) throws { try channel.writeInbound(part) }

    private func head(_ fields: HTTPHeaders = [:]) -> HTTPServerRequestPart {
        var fields = fields
        fields.add(name: "host", value: "hearth")
        return .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/rooms", headers: fields))
    }

    /// The status that was answered, if any.
    private func status() throws -> UInt? {
        guard case .head(let head)? = try channel.readOutbound(as: HTTPServerResponsePart.self) else { return nil }
        return head.status.code
    }

    private func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    @Test func `may not keep a connection without a word`() throws {
        try open()
        pass(19)
        #expect(try status() == nil)
        pass(1)
        #expect(try status() == 408)
        pass(1)
        #expect(!channel.isActive)
    }

    @Test func `may not bring its body byte by byte`() throws {
        try open()
        try receive(head())
        for _ in 0..<11 {
            pass(5)
            try receive(.body(ByteBuffer(string: "x")))
        }
        #expect(try status() == nil)
        pass(5)
        #expect(try status() == 408)
    }

    @Test func `is left alone once it is there`() throws {
        try open()
        try receive(head())
        try receive(.end(nil))
        pass(3_600)
        #expect(try status() == nil && channel.isActive)
        try answer()
        #expect(try status() == 200)
    }

    /// A second request with an `Upgrade` header took the door away, and with it every limit of the connection.
    @Test func `asks for a WebSocket too late and keeps its limits`() throws {
        try open()
        try receive(head())
        try receive(.end(nil))
        try answer()
        try receive(head(["upgrade": "websocket"]))
        #expect(throws: Never.self) { try channel.pipeline.syncOperations.handler(type: RequestDoor.self) }
        guard case .head? = try channel.readInbound(as: HTTPServerRequestPart.self),
            case .end? = try channel.readInbound(as: HTTPServerRequestPart.self),
            case .head(let late)? = try channel.readInbound(as: HTTPServerRequestPart.self)
        else {
            Issue.record("a request is missing")
            return
        }
        #expect(!late.headers.contains(name: "upgrade") && late.headers["connection"] == ["close"])
        pass(60)
        #expect(try status() == 200)
        _ = try channel.readOutbound(as: HTTPServerResponsePart.self)
        #expect(try status() == 408)
    }

    @Test func `is left alone when it is a WebSocket`() throws {
        try open()
        try receive(head(["upgrade": "websocket"]))
        pass(3_600)
        #expect(try status() == nil && channel.isActive)
        #expect(throws: (any Error).self) {
            try channel.pipeline.syncOperations.handler(type: RequestDoor.self)
        }
    }

    /// Answers the request that was received.
    private func answer() throws {
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    @Test func `leaves a connection that is closed when no other follows`() throws {
        try open()
        for _ in 0..<3 {
            try receive(head())
            try receive(.end(nil))
            try answer()
            pass(59)
            #expect(channel.isActive)
        }
        pass(1)
        #expect(!channel.isActive && counters.limits.counts.contains { $0 == ("idle_time", 1) })
    }

    @Test func `does not count as rest while the server works on it`() throws {
        try open()
        for _ in 0..<2 {
            try receive(head())
            try receive(.end(nil))
        }
        try answer()
        pass(3_600)
        #expect(channel.isActive)
        try answer()
        pass(61)
        #expect(!channel.isActive)
    }

    @Test func `that has not come makes place for others, and is told so`() throws {
        try open()
        channel.pipeline.fireUserInboundEventTriggered(PlaceTaken())
        #expect(try status() == 503)
        pass(1)
        #expect(!channel.isActive && counters.limits.counts.contains { $0 == ("handshakes", 1) })
    }

    @Test func `is answered once, whoever else has something to say`() throws {
        try open()
        try receive(head(["content-length": "9999999"]))
        #expect(try status() == 413)
        channel.write(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.flush()
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            if case .head = part { Issue.record("a second answer") }
        }
    }
}
