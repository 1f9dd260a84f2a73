import COpenSSL
import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import HearthTLS

@Suite("TLS between a client and what serves it")
struct TLSTests {
    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], [1, 7, 100_000])
    func `carries bytes both ways, however they are cut`(version: Int32, chunk: Int) throws {
        let bench = try TLSBench(version: version)
        try bench.carry(chunk: chunk)
        #expect(bench.client.isOpen && bench.client.negotiated == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"))
        let message = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
        bench.client.write(message)
        try bench.carry(chunk: chunk)
        #expect(bench.above.bytes == message)
        bench.channel.writeAndFlush(ByteBuffer(bytes: message), promise: nil)
        try bench.carry(chunk: chunk)
        #expect(bench.client.received == message)
    }

    @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func `old versions are refused`(version: Int32) throws {
        let bench = try TLSBench(version: version)
        try bench.carry()
        #expect(!bench.client.isOpen)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!bench.channel.isActive)
    }

    @Test(arguments: ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL"])
    func `old ciphers are refused`(cipher: String) throws {
        let bench = try TLSBench(version: TLS1_2_VERSION)
        SSL_set_cipher_list(bench.client.ssl, cipher)
        try bench.carry()
        #expect(!bench.client.isOpen)
    }

    @Test func `a protocol that is not ours is refused, none at all is not`() throws {
        let bench = try TLSBench()
        bench.client = try TLSClient(version: TLS1_3_VERSION, alpn: ["h2", "spdy/1"])
        try bench.carry()
        #expect(!bench.client.isOpen)
        let other = try TLSBench()
        other.client = try TLSClient(version: TLS1_3_VERSION, alpn: [])
        try other.carry()
        #expect(other.client.isOpen)
    }

    @Test func `renegotiation is refused and the connection goes on`() throws {
        let bench = try TLSBench(version: TLS1_2_VERSION)
        try bench.carry()
        #expect(SSL_renegotiate(bench.client.ssl) == 1)
        SSL_do_handshake(bench.client.ssl)
        let asked = bench.client.sent()
        #expect(!asked.isEmpty)
        try bench.channel.writeInbound(ByteBuffer(bytes: asked))
        // A warning, alert 100, and no ServerHello: nothing is renegotiated.
        #expect(try bench.sent().count < 64)
        #expect(bench.channel.isActive)
    }

    @Test func `a handshake has its time`() throws {
        var limits = TLSLimits()
        limits.handshakeTimeout = .seconds(3)
        let bench = try TLSBench(limits)
        try bench.channel.writeInbound(ByteBuffer(bytes: [22, 3, 1]))
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!bench.channel.isActive)
    }

    @Test func `plain HTTP is answered in plain`() throws {
        var limits = TLSLimits()
        limits.answerToPlainHTTP = Array("speak TLS".utf8)
        let bench = try TLSBench(limits)
        try bench.channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(try bench.sent() == Array("speak TLS".utf8))
        #expect(bench.above.reads == 0)
    }

    @Test func `many small writes and one flush are few records and one write`() throws {
        let bench = try TLSBench()
        try bench.carry()
        for _ in 0..<100 { bench.channel.write(ByteBuffer(repeating: 7, count: 100), promise: nil) }
        #expect(try bench.sent().isEmpty)
        bench.channel.flush()
        let one = try #require(try bench.channel.readOutbound(as: ByteBuffer.self))
        #expect(try bench.channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(one.readableBytes < 10_000 + 40)
        bench.client.receive(Array(one.readableBytesView))
        bench.client.advance()
        #expect(bench.client.received == [UInt8](repeating: 7, count: 10_000))
    }

    @Test func `what is written without a flush is handed on soon, where it counts in the channel`() throws {
        let bench = try TLSBench()
        try bench.carry()
        let handler = try bench.channel.pipeline.syncOperations.handler(type: TLSHandler.self)
        for _ in 0..<1_000 {
            bench.channel.write(ByteBuffer(repeating: 7, count: 1_000), promise: nil)
            #expect(handler.unflushedBytes < handler.limits.unflushedBytesMax)
        }
        // Nothing is lost or out on its own.
        #expect(try bench.sent().isEmpty)
        bench.channel.flush()
        try bench.carry()
        #expect(bench.client.received.count == 1_000_000)
    }

    @Test func `promises are kept when the bytes are out, and a large write arrives whole`() throws {
        let bench = try TLSBench()
        try bench.carry()
        let promises = (0..<3).map { _ in bench.channel.eventLoop.makePromise(of: Void.self) }
        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        bench.channel.write(ByteBuffer(bytes: [1]), promise: promises[0])
        bench.channel.write(ByteBuffer(bytes: large), promise: promises[1])
        bench.channel.write(ByteBuffer(bytes: [2]), promise: promises[2])
        bench.channel.flush()
        for promise in promises { try promise.futureResult.wait() }
        try bench.carry()
        #expect(bench.client.received == [1] + large + [2])
    }
}
