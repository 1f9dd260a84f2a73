import NIOHTTP1

/// What an upgrade request asks for, read from its head.
struct UpgradeRequest: Sendable, Equatable {
    /// The path's segments, percent-encoding taken off; nil when it is malformed.
    var segments: [String]?
    var path: String
    var query: [String: String]
    var origin: String?
    var host: String?
    /// The subprotocols offered, in order.
    var subprotocols: [String]
    /// The extensions offered, in order; nil when they are malformed.
    var extensions: [ExtensionOffer]?
    /// The token that came along, in a header or as a subprotocol.
    var token: String?

    init(_ head: HTTPRequestHead) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "/")
        let decoded = path.split(separator: "/").map { RoomName.decoded($0) }
        segments = decoded.contains(nil) ? nil : decoded.compactMap { $0 }
        query = parts.count > 1 ? Self.query(parts[1]) : [:]
        origin = head.headers.first(name: "origin")
        host = head.headers.first(name: "host")
        subprotocols = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        extensions = ExtensionOffer.all(in: head.headers["sec-websocket-extensions"])
        let offered = subprotocols.first { $0.hasPrefix(BearerToken.subprotocolPrefix) }
        token =
            BearerToken.token(ofAuthorization: head.headers.first(name: "authorization"))
            ?? offered.map { String($0.dropFirst(BearerToken.subprotocolPrefix.count)) }
    }

    /// The room of `/rooms/{room}`.
    var room: String? {
        guard let segments, segments.count == 2, segments[0] == "rooms" else { return nil }
        return segments[1]
    }

    /// Party and room of `/parties/{party}/{room}`.
    var party: (name: String, room: String)? {
        guard let segments, segments.count == 3, segments[0] == "parties" else { return nil }
        return (segments[1], segments[2])
    }

    private static func query(_ text: Substring) -> [String: String] {
        var result: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            if let name = RoomName.decoded(parts[0]), let value = RoomName.decoded(value) { result[name] = value }
        }
        return result
    }
}
