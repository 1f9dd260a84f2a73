import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import HearthServer

@Suite struct `A socket's life` {
    @Test func `ends with 4408 when no join comes in time`() throws {
        let bench = try SocketBench()
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(bench.delegate.closings.isEmpty)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(bench.delegate.closings == [.noJoin])
        #expect(try bench.sent().last?.code == 4408)
    }

    @Test func `goes on for as long as the client answers pings`() throws {
        let bench = try SocketBench()
        bench.socket.noteJoin()
        for _ in 0..<10 {
            bench.channel.embeddedEventLoop.advanceTime(by: .seconds(25))
            #expect(try bench.sent().map(\.opcode) == [.ping])
            try bench.receive(SocketBench.frame(.pong, []))
        }
        #expect(bench.delegate.closings.isEmpty)
    }

    @Test func `ends with 4408 after 60 seconds of silence`() throws {
        let bench = try SocketBench()
        bench.socket.noteJoin()
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(bench.delegate.closings.isEmpty)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(bench.delegate.closings == [.heartbeatLost])
    }

    @Test(arguments: [(1011, 5), (1012, 1)] as [(UInt16, Int64)])
    func `does not wait for ever for the client's close frame`(code: UInt16, seconds: Int64) throws {
        let bench = try SocketBench()
        bench.socket.close(Closing(code: code, reason: "the end"))
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(seconds * 1_000 - 1))
        #expect(bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!bench.channel.isActive)
        #expect(bench.delegate.closings.count == 1)
    }

    @Test func `ends with 4400 at the tenth bad message within a minute`() throws {
        let bench = try SocketBench()
        for _ in 0..<9 { bench.socket.noteBadMessage() }
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(61))
        #expect(bench.delegate.closings.map(\.code) == [4408], "the join never came")

        let other = try SocketBench()
        other.socket.noteJoin()
        for _ in 0..<9 { other.socket.noteBadMessage() }
        try other.receive(SocketBench.frame(.pong, []))
        other.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        try other.receive(SocketBench.frame(.pong, []))
        other.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        other.socket.noteBadMessage()
        #expect(other.delegate.closings.isEmpty, "the first nine are older than a minute")
        for _ in 0..<9 { other.socket.noteBadMessage() }
        #expect(other.delegate.closings == [.badMessages])
    }

    @Test func `is told once however many things end it`() throws {
        let bench = try SocketBench()
        bench.socket.close(.rateLimited)
        bench.socket.close(.badMessages)
        _ = try bench.channel.finish(acceptAlreadyClosed: true)
        #expect(bench.delegate.closings == [.rateLimited])
    }
}

@Suite struct `A slow reader` {
    /// A socket whose channel says that too much is waiting.
    private func behind() throws -> SocketBench {
        let bench = try SocketBench()
        bench.channel.isWritable = false
        bench.socket.send(.shared(ServerFrame.make(payload: "1".utf8)))
        return bench
    }

    private func drain(_ bench: SocketBench) {
        bench.channel.isWritable = true
        bench.channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test func `is sent no commits, but its own answers, until it has drained and been told where it stands`() throws {
        let bench = try behind()
        bench.socket.send(.shared(ServerFrame.make(payload: "2".utf8)))
        bench.socket.send(.own(ServerFrame.make(payload: "ack".utf8)))
        bench.socket.send(.mixed(ServerFrame.make(payload: "3, ack".utf8), own: ServerFrame.make(payload: "ack".utf8)))
        drain(bench)
        #expect(bench.delegate.drained == 1)
        bench.socket.send(.shared(ServerFrame.make(payload: "4".utf8)))
        bench.socket.send(.sync(ServerFrame.make(payload: "sync".utf8)))
        bench.socket.send(.shared(ServerFrame.make(payload: "5".utf8)))
        bench.socket.flushIfNeeded()
        #expect(try bench.sent().map(\.text) == ["1", "ack", "ack", "sync", "5"])
        #expect(bench.delegate.closings.isEmpty)
    }

    /// Pongs were not counted: whoever sent pings and read nothing made the server keep them all.
    @Test(arguments: [WebSocketOpcode.ping, .text])
    func `that only sends is not read any more, and in the end not waited for`(opcode: WebSocketOpcode) throws {
        let bench = try behind()
        bench.socket.noteJoin()
        let payload = Array(repeating: UInt8(ascii: "p"), count: 125)
        for _ in 0...(bench.socket.limits.lagBytesMax / 127) {
            if opcode == .ping { try bench.receive(SocketBench.frame(.ping, payload)) }
            if opcode == .text { bench.socket.send(.own(ServerFrame.make(payload: payload))) }
        }
        bench.socket.flushIfNeeded()
        #expect(bench.socket.isPaused)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(bench.delegate.closings.isEmpty)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(bench.delegate.closings == [.heartbeatLost])
    }

    /// Whoever asked for the state again and again, and read nothing, was kept a copy each time.
    @Test func `is sent the state when it has drained, however often it asks before`() throws {
        let bench = try behind()
        for _ in 0..<3 { bench.socket.send(.sync(ServerFrame.make(payload: "old".utf8))) }
        #expect(bench.delegate.drained == 0)
        drain(bench)
        #expect(bench.delegate.drained == 1)
        bench.socket.send(.sync(ServerFrame.make(payload: "new".utf8)))
        bench.socket.flushIfNeeded()
        #expect(try bench.sent().map(\.text) == ["1", "new"])
    }

    @Test func `that missed nothing goes on without a word`() throws {
        let bench = try behind()
        drain(bench)
        bench.socket.send(.shared(ServerFrame.make(payload: "2".utf8)))
        bench.socket.flushIfNeeded()
        #expect(bench.delegate.drained == 0)
        #expect(try bench.sent().map(\.text) == ["1", "2"])
    }
}
