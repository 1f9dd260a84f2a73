import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import HearthServer

@Suite struct `A socket's messages` {
    /// Two messages, one in three fragments with a ping between them, one with letters beyond ASCII.
    static let stream =
        SocketBench.text("{\"a\":", fin: false) + SocketBench.frame(.ping, [7])
        + SocketBench.frame(.continuation, [], fin: false)
        + SocketBench.frame(.continuation, Array("1}".utf8)) + SocketBench.text("čaj 🫖 and more than eight")
    static let messages = ["{\"a\":1}", "čaj 🫖 and more than eight"]

    @Test func `arrive whole when everything comes at once`() throws {
        let bench = try SocketBench()
        try bench.receive(Self.stream)
        #expect(bench.delegate.messages == Self.messages)
        #expect(try bench.sent() == [SentFrame(opcode: .pong, payload: [7])])
    }

    @Test func `arrive whole when every byte comes alone`() throws {
        let bench = try SocketBench()
        for byte in Self.stream { try bench.receive([byte]) }
        #expect(bench.delegate.messages == Self.messages)
    }

    @Test(arguments: 0..<40) func `are unmasked whatever their length`(length: Int) throws {
        let bench = try SocketBench()
        let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
        try bench.receive(SocketBench.text(text))
        #expect(bench.delegate.messages == [text])
    }

    static let violations: [(String, [UInt8], UInt16)] = [
        ("binary", SocketBench.frame(.binary, [0]), 1003),
        ("no UTF-8", SocketBench.frame(.text, [0x61, 0xFF]), 1007),
        ("half a character at the end", SocketBench.frame(.text, Array("12345678".utf8) + [0xC3]), 1007),
        ("a frame too large", SocketBench.frame(.text, Array(repeating: 0x61, count: 1_025)), 1009),
        (
            "fragments too large together",
            SocketBench.frame(.text, Array(repeating: 0x61, count: 1_000), fin: false)
                + SocketBench.frame(.continuation, Array(repeating: 0x61, count: 25)), 1009
        ),
        ("unmasked", [0x81, 0x01, 0x61], 1002),
        ("a continuation of nothing", SocketBench.frame(.continuation, [0x61]), 1002),
        ("a message within a message", SocketBench.text("a", fin: false) + SocketBench.text("b"), 1002),
        ("a fragmented ping", SocketBench.frame(.ping, [], fin: false), 1002),
        ("a reserved bit", [0xC1, 0x81, 0, 0, 0, 0, 0x61], 1002),
        (
            "half a character, and the other half wrong",
            SocketBench.frame(.text, [0xE2, 0x82], fin: false)
                + SocketBench.frame(.continuation, [0x61]), 1007
        ),
        ("an unknown kind of frame", [0x83, 0x80, 0, 0, 0, 0], 1002),
        ("a ping too long", SocketBench.frame(.ping, Array(repeating: 0x61, count: 126)), 1002),
        ("a close with half a code", SocketBench.frame(.connectionClose, [3]), 1002),
        ("a close with a reason that is no UTF-8", SocketBench.frame(.connectionClose, [3, 0xE8, 0xFF]), 1007),
        ("an impossible close code", SocketBench.frame(.connectionClose, [0x03, 0xED]), 1002),
    ]

    @Test(arguments: violations) func `that break the rules end it with a reason`(
        name: String, bytes: [UInt8], code: UInt16
    ) throws {
        let bench = try SocketBench()
        try? bench.receive(bytes + SocketBench.text("never seen"))
        let sent = try bench.sent()
        #expect(bench.delegate.messages.isEmpty)
        #expect(bench.delegate.closings.map(\.code) == [code])
        #expect(sent.map(\.opcode) == [.text, .connectionClose], "\(name)")
        #expect(sent.first?.text.contains("\"type\":\"bye\"") == true)
        #expect(sent.last?.code == code)
        #expect(sent.last.map { $0.payload.count > 2 } == true, "a close has a reason")
    }

    @Test func `end with the client's own close, whose code comes back`() throws {
        let bench = try SocketBench()
        try bench.receive(SocketBench.frame(.connectionClose, [0x03, 0xE8]))
        #expect(try bench.sent().map(\.code) == [1000])
        #expect(bench.delegate.closings.map(\.code) == [1000])
        #expect(!bench.channel.isActive)
    }
}
