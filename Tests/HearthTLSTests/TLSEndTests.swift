import COpenSSL
import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import HearthTLS

@Suite("A TLS connection ends with a word, or is known to be cut off")
struct TLSEndTests {
    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a close says so after what was written, and waits for the peer's word`(version: Int32) throws {
        let bench = try TLSBench(version: version)
        try bench.carry()
        bench.channel.write(ByteBuffer(string: "last words"), promise: nil)
        let closed = bench.channel.close()
        bench.client.receive(try bench.sent())
        bench.client.advance()
        #expect(bench.client.received == Array("last words".utf8) && bench.client.hasEnded)
        bench.client.close()
        try bench.channel.writeInbound(ByteBuffer(bytes: bench.client.sent()))
        try closed.wait()
        #expect(!bench.channel.isActive && bench.above.errors.isEmpty)
    }

    @Test func `a peer that has said its end is still answered`() throws {
        let bench = try TLSBench()
        try bench.carry()
        bench.client.write(Array("question".utf8))
        bench.client.close()
        try bench.channel.writeInbound(ByteBuffer(bytes: bench.client.sent()))
        #expect(bench.above.bytes == Array("question".utf8) && bench.above.inputHasEnded && bench.channel.isActive)
        bench.channel.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
        bench.channel.close(promise: nil)
        #expect(!bench.channel.isActive)
        bench.client.receive(try bench.sent())
        bench.client.advance()
        #expect(bench.client.received == Array("answer".utf8) && bench.client.hasEnded)
    }

    @Test func `an end without a word is an error`() throws {
        let bench = try TLSBench()
        try bench.carry()
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(bench.above.errors.first as? TLSError == .truncated)
        #expect(!bench.channel.isActive && !bench.above.inputHasEnded)
    }

    /// Whatever stands in the bytes: no crash, no hang, nothing made up, and the connection ends or waits.
    @Test(arguments: 0..<300)
    func `mutated records never come through`(seed: Int) throws {
        var random = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let bench = try TLSBench(version: seed % 2 == 0 ? TLS1_2_VERSION : TLS1_3_VERSION)
        let inHandshake = seed % 3 == 0
        if !inHandshake { try bench.carry() }
        let message = [UInt8](repeating: 7, count: 2_000)
        if inHandshake { bench.client.advance() } else { bench.client.write(message) }
        var bytes = bench.client.sent()
        for _ in 0..<(1 + Int(random.next() % 4)) {
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 4 {
            case 0: bytes[place] ^= UInt8(truncatingIfNeeded: random.next() | 1)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            default: bytes.removeLast(min(bytes.count - 1, Int(random.next() % 50)))
            }
        }
        _ = try? bench.channel.writeInbound(ByteBuffer(bytes: bytes))
        #expect(bench.above.bytes.isEmpty || bench.above.bytes == message)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(12))
        if !bench.client.isOpen { #expect(!bench.channel.isActive) }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}

@Suite("A certificate is read again when it changes")
struct TLSCertificatesTests {
    @Test func `open connections go on, new ones get the new one, and a broken pair changes nothing`() throws {
        let bench = try TLSBench()
        try bench.carry()
        #expect(bench.certificates.refresh() == .unchanged)
        let old = ObjectIdentifier(bench.certificates.context)
        // Only one of the two has been written so far.
        try TLSBench.makePair(in: bench.folder, name: "new", key: "other.pem")
        guard case .failed = bench.certificates.refresh() else { throw Wrong() }
        #expect(bench.certificates.refresh() == .unchanged && ObjectIdentifier(bench.certificates.context) == old)
        try FileManager.default.removeItem(at: bench.folder.appending(path: "key.pem"))
        try FileManager.default.moveItem(
            at: bench.folder.appending(path: "other.pem"), to: bench.folder.appending(path: "key.pem"))
        guard case .changed = bench.certificates.refresh() else { throw Wrong() }
        #expect(ObjectIdentifier(bench.certificates.context) != old)
        bench.client.write([1, 2, 3])
        try bench.carry()
        #expect(bench.above.bytes == [1, 2, 3])
    }

    private struct Wrong: Error {}

    @Test func `files that are no certificate or no key of it are named`() throws {
        let bench = try TLSBench()
        let certificate = bench.folder.appending(path: "cert.pem").path
        for (first, second) in [("/nowhere", certificate), (certificate, "/nowhere"), (certificate, certificate)] {
            #expect(throws: TLSError.self) { try TLSCertificates(certificate: first, key: second) }
        }
    }
}
