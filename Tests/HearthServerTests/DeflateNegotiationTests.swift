import NIOHTTP1
import Testing

@testable import HearthServer

@Suite struct `What is agreed on about compression` {
    /// The answer to these header fields, and what it is by a policy that takes everything.
    private func answer(_ fields: String..., by policy: DeflatePolicy = .full) throws -> String? {
        let offers = try #require(ExtensionOffer.all(in: fields))
        return policy.agreement(on: offers)?.text
    }

    static let agreed: [(String, String)] = [
        ("permessage-deflate", "permessage-deflate"),
        ("Permessage-Deflate", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        ("permessage-deflate;client_max_window_bits=9", "permessage-deflate; client_max_window_bits=9"),
        (
            "permessage-deflate; client_max_window_bits=\"1\\0\"",
            "permessage-deflate; client_max_window_bits=10"
        ),
        ("permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8"),
        ("permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"),
        (
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        ),
        ("x-other; a=b, permessage-deflate", "permessage-deflate"),
        (
            "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=10"
        ),
        (" , permessage-deflate ,", "permessage-deflate"),
    ]

    @Test(arguments: agreed) func `is the first offer that can be`(offer: String, expected: String) throws {
        #expect(try answer(offer) == expected)
    }

    static let declined = [
        "", "x-webkit-deflate-frame", "permessage-deflate; what", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08", "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=0x9",
        "permessage-deflate; client_no_context_takeover=1", "permessage-deflate; server_no_context_takeover=true",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=10; SERVER_max_window_bits=11",
    ]

    @Test(arguments: declined) func `is nothing when an offer is none`(offer: String) throws {
        #expect(try answer(offer) == nil)
    }

    @Test func `goes over all fields of that name in their order`() throws {
        #expect(
            try answer("permessage-deflate; x", "permessage-deflate; server_max_window_bits=9")
                == "permessage-deflate; server_max_window_bits=9")
    }

    static let malformed = [
        ";", "permessage-deflate;", "permessage-deflate; =9", "permessage-deflate; a=", "permessage deflate",
        "permessage-deflate; a=\"", "permessage-deflate; a=\"\"", "permessage-deflate; a=\"x y\"",
        "permessage-deflate; a=\"x\\\"", "permessage-deflate; a=b=c", "a; b;; c", "é",
    ]

    @Test(arguments: malformed) func `fails the handshake when it cannot be read`(field: String) {
        #expect(ExtensionOffer.all(in: [field]) == nil)
    }

    static let rooms: [(String, String, DeflateAgreement)] = [
        (
            "a client whose window can be told", "permessage-deflate; client_max_window_bits",
            DeflateAgreement(
                serverKeepsHistory: false, clientKeepsHistory: true, serverWindowBits: 15, clientWindowBits: 12,
                text: "permessage-deflate; server_no_context_takeover; client_max_window_bits=12")
        ),
        (
            "a client whose window cannot", "permessage-deflate",
            DeflateAgreement(
                serverKeepsHistory: false, clientKeepsHistory: false, serverWindowBits: 15, clientWindowBits: 15,
                text: "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
        ),
        (
            "a client with small windows",
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
            DeflateAgreement(
                serverKeepsHistory: false, clientKeepsHistory: true, serverWindowBits: 10, clientWindowBits: 9,
                text: "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; "
                    + "client_max_window_bits=9")
        ),
    ]

    @Test(arguments: rooms) func `bounds what a room's socket keeps`(
        name: String, offer: String, expected: DeflateAgreement
    ) throws {
        let offers = try #require(ExtensionOffer.all(in: [offer]))
        #expect(DeflatePolicy.rooms.agreement(on: offers) == expected, "\(name)")
    }
}

@Suite struct `An opening handshake` {
    static let sound = [
        ("Host", "here"), ("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    private func refusal(
        without gone: String? = nil, with more: [(String, String)] = [], version: HTTPVersion = .http1_1
    ) -> Refusal? {
        let fields = Self.sound.filter { $0.0 != gone } + more
        return Handshake.refusal(
            of: HTTPRequestHead(version: version, method: .GET, uri: "/rooms/a", headers: HTTPHeaders(fields)))
    }

    @Test func `that is sound is taken`() {
        #expect(refusal() == nil)
    }

    @Test(arguments: ["Host", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"])
    func `is refused with 400 when a field is missing`(field: String) {
        #expect(refusal(without: field)?.statusCode == 400)
        #expect(refusal(without: field)?.message.contains(field) == true)
    }

    @Test(arguments: ["Host", "Sec-WebSocket-Key"]) func `is refused with 400 when a field comes twice`(field: String) {
        let again = Self.sound.filter { $0.0 == field }
        #expect(refusal(with: again)?.statusCode == 400)
    }

    @Test(arguments: ["8", "12", "14", "013", "13, 8", "x"])
    func `of another version is refused with 426`(version: String) {
        let fields = [("Sec-WebSocket-Version", version)]
        #expect(refusal(without: "Sec-WebSocket-Version", with: fields)?.statusCode == 426)
    }

    static let keys = [
        "", "x", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZSEh",
        "dGhlIHNhbXBsZSBub25jZSBsb25n",
    ]

    @Test(arguments: keys) func `with a key that is not 16 bytes in base64 is refused`(key: String) {
        #expect(refusal(without: "Sec-WebSocket-Key", with: [("Sec-WebSocket-Key", key)])?.statusCode == 400)
    }

    @Test func `in HTTP 1.0 is refused`() {
        #expect(refusal(version: .http1_0)?.statusCode == 400)
    }

    @Test func `with extensions that cannot be read is refused`() {
        #expect(refusal(with: [("Sec-WebSocket-Extensions", "permessage-deflate;;")])?.statusCode == 400)
    }
}
