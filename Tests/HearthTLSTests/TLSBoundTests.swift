import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import HearthTLS

@Suite("What a TLS client can make a server do is bounded")
struct TLSBoundTests {
    private static func record(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [kind, 3, 3, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload
    }

    /// The first bytes of a ClientHello that says it has `length` bytes.
    private static func hello(_ length: Int) -> [UInt8] {
        [1, UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), 3, 3]
    }

    /// OpenSSL made room for 131,000 bytes when nine had announced them: 2,000 clients that sent no more took 190 MB.
    @Test(arguments: [16_385, 131_000, 0xFF_FFFF])
    func `a ClientHello that is too long is refused as soon as it is announced`(length: Int) throws {
        let whole = Self.record(22, Self.hello(length))
        let cut = Self.hello(length).flatMap { Self.record(22, [$0]) }
        let second = Self.record(22, Self.hello(100)) + Self.record(22, [UInt8](repeating: 0, count: 98)) + whole
        for bytes in [whole, cut, Self.record(21, [1, 90]) + whole, Self.record(20, [1]) + cut, second] {
            for size in [1, 3, bytes.count] {
                var flight = ClientFlight(helloBytesMax: 16_384)
                let excess = stride(from: 0, to: bytes.count, by: size).compactMap {
                    flight.excess(in: ByteBuffer(bytes: bytes[$0..<min(bytes.count, $0 + size)]), isTLS13: true)
                }
                #expect(excess.first == length)
            }
        }
        let bench = try TLSBench()
        try bench.channel.writeInbound(ByteBuffer(bytes: whole))
        #expect(throws: (any Error).self) { try bench.channel.writeOutbound(ByteBuffer(bytes: [1])) }
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!bench.channel.isActive)
    }

    @Test func `what is encrypted or no ClientHello is not taken for one that is too long`() {
        let secret = Self.record(22, Self.hello(0xFF_FFFF))
        let flights: [(isTLS13: Bool, bytes: [UInt8])] = [
            (false, Self.record(20, [1]) + secret),
            (false, Self.record(22, [16, 0, 0, 1, 0]) + secret),
            (true, Self.record(23, [UInt8](repeating: 1, count: 500))),
            (true, Self.record(22, Self.hello(2) + Self.hello(16_384))),
        ]
        for (isTLS13, bytes) in flights {
            var flight = ClientFlight(helloBytesMax: 16_384)
            #expect(flight.excess(in: ByteBuffer(bytes: bytes), isTLS13: isTLS13) == nil)
        }
    }

    /// New keys cost seven microseconds and 27 bytes, and were taken without end.
    @Test func `new keys are taken a hundred times within a minute, and not more`() throws {
        let bench = try TLSBench()
        try bench.carry()
        func renew(_ times: Int) throws {
            for _ in 0..<times {
                #expect(SSL_key_update(bench.client.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
                #expect(SSL_do_handshake(bench.client.ssl) == 1)
                try bench.channel.writeInbound(ByteBuffer(bytes: bench.client.sent()))
                bench.client.receive(try bench.sent())
                bench.client.advance()
            }
        }
        try renew(100)
        bench.client.write(Array("still here".utf8))
        try bench.carry()
        #expect(bench.above.bytes == Array("still here".utf8) && bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(61))
        try renew(100)
        #expect(bench.channel.isActive)
        try? renew(2)
        #expect(!bench.channel.isActive && "\(bench.above.errors)".contains("too many new keys"))
    }

    @Test func `renegotiation is refused a hundred times within a minute, and then ends the connection`() throws {
        let bench = try TLSBench(version: TLS1_2_VERSION)
        try bench.carry()
        for _ in 0..<101 {
            SSL_renegotiate(bench.client.ssl)
            SSL_do_handshake(bench.client.ssl)
            _ = try? bench.channel.writeInbound(ByteBuffer(bytes: bench.client.sent()))
            bench.client.receive(try bench.sent())
            bench.client.advance()
        }
        #expect(!bench.channel.isActive)
    }
}
