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

    /// Does the page that asks come from this server? True as well for whoever sends no `Origin`: not a browser.
    func isAllowedOrigin(_ allowed: [String]) -> Bool {
        guard let origin else { return true }
        if allowed.contains("*") || allowed.contains(where: { $0.lowercased() == origin.lowercased() }) { return true }
        return Self.isSame(origin, host)
    }

    /// Is this the origin of pages that come from this host?
    static func isSame(_ origin: String, _ host: String?) -> Bool {
        guard let host, let start = origin.range(ofScheme: "://") else { return false }
        return origin[start...].lowercased() == host.lowercased()
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

extension String {
    /// Where the text after the first occurrence of `mark` begins.
    fileprivate func range(ofScheme mark: String) -> Index? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return rest.index(rest.startIndex, offsetBy: mark.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
