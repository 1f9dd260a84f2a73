import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import HearthServer

@Suite struct `A client's compressed messages` {
    private static func agreement(
        clientKeepsHistory: Bool = true, serverWindowBits: Int = 15, clientWindowBits: Int = 15
    ) -> DeflateAgreement {
        DeflateAgreement(
            serverKeepsHistory: false, clientKeepsHistory: clientKeepsHistory, serverWindowBits: serverWindowBits,
            clientWindowBits: clientWindowBits, text: "")
    }

    /// A frame with RSV1.
    static func pressed(_ payload: [UInt8], _ opcode: WebSocketOpcode = .text, fin: Bool = true) -> [UInt8] {
        var frame = SocketBench.frame(opcode, payload, fin: fin)
        frame[0] |= 0x40
        return frame
    }

    static func deflate(_ text: String, with deflater: Deflater?, keepsHistory: Bool = true) throws -> [UInt8] {
        var target = ByteBuffer()
        let done = try #require(deflater).deflate(ByteBuffer(string: text), into: &target, keepsHistory)
        try #require(done)
        return Array(target.readableBytesView)
    }

    /// RFC 7692, 7.2.3: the ways of "Hello".
    static let hello: [(String, [UInt8])] = [
        ("one block", pressed([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])),
        (
            "two fragments",
            pressed([0xf2, 0x48, 0xcd], fin: false) + SocketBench.frame(.continuation, [0xc9, 0xc9, 0x07, 0x00])
        ),
        ("stored", pressed([0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00])),
        ("a last block", pressed([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00])),
        (
            "two blocks",
            pressed([0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00])
        ),
        ("not compressed", SocketBench.text("Hello")),
    ]

    @Test(arguments: hello) func `are inflated as RFC 7692 shows it`(name: String, bytes: [UInt8]) throws {
        let bench = try SocketBench(agreement: Self.agreement())
        try bench.receive(bytes)
        for byte in bytes { try bench.receive([byte]) }
        #expect(bench.delegate.messages == ["Hello", "Hello"], "\(name)")
    }

    @Test func `may refer to earlier ones, also to those before a last block`() throws {
        let bench = try SocketBench(agreement: Self.agreement())
        // RFC 7692, 7.2.3.2: the second "Hello" is a reference to the first.
        try bench.receive(Self.hello[3].1)
        try bench.receive(Self.pressed([0xf2, 0x00, 0x11, 0x00, 0x00]))
        #expect(bench.delegate.messages == ["Hello", "Hello"])
    }

    @Test func `may not refer to earlier ones without history`() throws {
        let bench = try SocketBench(agreement: Self.agreement(clientKeepsHistory: false))
        try bench.receive(Self.hello[0].1 + Self.hello[0].1)
        try bench.receive(Self.pressed([0xf2, 0x00, 0x11, 0x00, 0x00]))
        #expect(bench.delegate.messages == ["Hello", "Hello"])
        #expect(bench.delegate.closings.map(\.code) == [1007])
    }

    @Test(arguments: [[], [0x00], [0x02, 0x00]] as [[UInt8]]) func `may be empty`(payload: [UInt8]) throws {
        let bench = try SocketBench(agreement: Self.agreement())
        try bench.receive(Self.pressed(payload))
        try bench.receive(Self.pressed(payload, fin: false) + SocketBench.frame(.continuation, []))
        #expect(bench.delegate.messages == ["", ""])
        #expect(bench.delegate.closings.isEmpty)
    }

    @Test(arguments: [8, 9, 10, 15]) func `fit every window that can be agreed on`(bits: Int) throws {
        let bench = try SocketBench(agreement: Self.agreement(clientWindowBits: bits)) { $0.messageBytesMax = 1 << 20 }
        let deflater = Deflater(windowBits: bits)
        let text = String(repeating: "0123456789 čaj ", count: 300)
        for _ in 0..<3 { try bench.receive(Self.framed(try Self.deflate(text, with: deflater))) }
        #expect(bench.delegate.messages == [text, text, text])
    }

    /// A window of 256 bytes: what stands further back must not be referred to.
    @Test func `of our own keep to a window of 256 bytes`() throws {
        let apart = String((0..<300).map { Character(Unicode.Scalar(UInt8(33 + $0 % 90))) })
        let deflater = Deflater(windowBits: 8)
        let alone = try Self.deflate("needle in a haystack" + apart, with: deflater)
        let again = try Self.deflate("needle in a haystack" + apart, with: deflater)
        #expect(again.count >= alone.count - 2, "the second must not be a reference to the first")
    }

    private static func framed(_ payload: [UInt8]) -> [UInt8] { pressed(payload) }

    static let violations: [(String, [UInt8], UInt16)] = [
        ("a continuation that says so", pressed([0xf2], fin: false) + pressed([0x48], .continuation), 1002),
        ("a compressed ping", pressed([], .ping), 1002),
        ("a compressed close", pressed([3, 0xE8], .connectionClose), 1002),
        ("another reserved bit", [0xE1, 0x80, 0, 0, 0, 0], 1002),
        ("no DEFLATE", pressed([0xFF, 0xFF, 0xFF]), 1007),
        ("an end within a block", pressed([0xf2, 0x48]), 1007),
        ("no end", pressed([0x00, 0x05, 0x00, 0xfa, 0xff, 0x48]), 1007),
        ("a distance that reaches nowhere", pressed([0xf2, 0x00, 0x11, 0x00, 0x00]), 1007),
        ("no UTF-8", pressed([0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]), 1007),
        ("no UTF-8, before it has ended", pressed([0x00, 0x02, 0x00, 0xFD, 0xFF, 0xFF], fin: false), 1007),
        ("padding without end", Array(repeating: pressed0, count: 400).flatMap(\.self), 1009),
    ]

    private static let pressed0 = SocketBench.frame(.continuation, [0x00, 0x00, 0x00, 0xFF, 0xFF], fin: false)

    @Test(arguments: violations) func `that break the rules end the socket with a reason`(
        name: String, bytes: [UInt8], code: UInt16
    ) throws {
        let bench = try SocketBench(agreement: Self.agreement())
        if name.hasPrefix("padding") { try bench.receive(Self.pressed([0x00, 0x00, 0x00, 0xFF, 0xFF], fin: false)) }
        try? bench.receive(bytes)
        #expect(bench.delegate.messages.isEmpty)
        #expect(bench.delegate.closings.map(\.code) == [code], "\(name)")
        #expect(try bench.sent().last?.code == code)
    }

    @Test func `are refused at what may be inflated, exactly`() throws {
        let deflater = Deflater(windowBits: 15)
        let most = String(repeating: "x", count: 1_024)
        let bench = try SocketBench(agreement: Self.agreement(clientKeepsHistory: false))
        try bench.receive(Self.pressed(try Self.deflate(most, with: deflater, keepsHistory: false)))
        #expect(bench.delegate.messages == [most])
        try bench.receive(Self.pressed(try Self.deflate(most + "x", with: deflater, keepsHistory: false)))
        #expect(bench.delegate.closings.map(\.code) == [1009])
    }

    /// A thousandfold: 64 MiB in 64 KB. Never more than the limit is made of it, and one step.
    @Test func `that are bombs are never inflated`() throws {
        let bomb = try Self.deflate(
            String(repeating: "\0", count: 64 << 20), with: Deflater(windowBits: 15), keepsHistory: false)
        let inflater = try Inflater(windowBits: 15)
        var target = ByteBuffer()
        #expect(throws: InflateError.tooLarge) {
            try inflater.inflate(ByteBuffer(bytes: bomb), into: &target, bytesMax: 100_000)
        }
        #expect(target.capacity <= 1 << 17)

        let bench = try SocketBench(agreement: Self.agreement()) { $0.messageBytesMax = 100_000 }
        for start in stride(from: 0, to: 40_000, by: 1_000) {
            let part = Array(bomb[start..<(start + 1_000)])
            try bench.receive(
                start == 0 ? Self.pressed(part, fin: false) : SocketBench.frame(.continuation, part, fin: false))
        }
        #expect(bench.delegate.closings.map(\.code) == [1009])
    }

    /// The history lies in the inflater: it is there only for those who have sent something compressed.
    @Test(arguments: [true, false]) func `leave nothing behind without history`(keepsHistory: Bool) throws {
        let bench = try SocketBench(agreement: Self.agreement(clientKeepsHistory: keepsHistory))
        #expect(!bench.socket.assembler.hasHistory)
        try bench.receive(SocketBench.text("Hello"))
        #expect(!bench.socket.assembler.hasHistory)
        try bench.receive(Self.hello[0].1)
        #expect(bench.socket.assembler.hasHistory == keepsHistory)
    }
}

extension Deflater {
    func deflate(_ payload: ByteBuffer, into target: inout ByteBuffer, _ keepsHistory: Bool) -> Bool {
        payload.withUnsafeReadableBytes { deflate($0, into: &target, keepsHistory: keepsHistory) }
    }
}
