/// Which web pages may talk to the server: its own, and those that its operator allows.
struct OriginPolicy: Sendable {
    private let allowsAll: Bool
    private let allowed: Set<WebOrigin>
    /// Whether the server itself speaks TLS.
    private let isSecure: Bool

    /// - Throws: `ServerError` for what is no origin.
    init(allowed texts: [String], isSecure: Bool) throws(ServerError) {
        var allowed: Set<WebOrigin> = []
        for text in texts where text != "*" {
            guard let origin = WebOrigin(text) else {
                throw ServerError(
                    "'\(text)' is no origin for --allow-origin: give scheme and host, and a port that is not usual, "
                        + "like https://example.org or http://localhost:3000, without a path; or null; or * for all.")
            }
            allowed.insert(origin)
        }
        allowsAll = texts.contains("*")
        self.allowed = allowed
        self.isSecure = isSecure
    }

    /// Whoever sends no `Origin` is no web page, or one of ours.
    ///
    /// A page is the server's own when it was had from the host and port that the request is for. Over plain HTTP an
    /// `https` page of that host counts too: then a proxy in front does the TLS. Over TLS an `http` page does not:
    /// anybody on the way could have written it.
    ///
    /// - Parameter host: the request's `Host`.
    func allows(_ origin: String?, host: String?) -> Bool {
        guard let origin else { return true }
        if allowsAll { return true }
        guard let origin = WebOrigin(origin) else { return false }
        if allowed.contains(origin) { return true }
        guard case .page(let scheme, _, _) = origin, scheme == "https" || scheme == "http" && !isSecure, let host else {
            return false
        }
        // A `Host` without a port means the usual one of the scheme under which the browser came.
        return WebOrigin("\(scheme)://\(host)") == origin
    }
}

/// A web origin (RFC 6454): scheme, host and port, in one spelling.
enum WebOrigin: Hashable, Sendable {
    /// `null`: a page from a file, in a sandbox, or behind redirects.
    case opaque
    case page(scheme: String, host: String, port: Int)

    /// - Returns: nil for anything but `null` and `scheme://host[:port]`, with a usual port where none is said.
    init?(_ text: String) {
        if text == "null" {
            self = .opaque
            return
        }
        guard let mark = text.utf8.firstRange(of: Array("://".utf8)) else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard !scheme.isEmpty, scheme.utf8.allSatisfy(Self.isSchemeByte) else { return nil }
        let authority = text[mark.upperBound...].lowercased()
        guard let (host, port) = Self.split(authority) else { return nil }
        guard let port = port ?? ["http": 80, "https": 443, "ws": 80, "wss": 443][scheme] else { return nil }
        self = .page(scheme: scheme, host: host, port: port)
    }

    /// Host and port; an IPv6 address keeps its brackets.
    private static func split(_ authority: String) -> (host: String, port: Int?)? {
        let bytes = authority.utf8
        var end = bytes.endIndex
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = bytes.index(after: close)
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            end = colon
        }
        let host = String(authority[..<end])
        guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
        let rest = authority[end...]
        if rest.isEmpty { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        return (host, port)
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// No `/`, `@`, `?`, `#`, white space or control character.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x7E: !"/@?#\\<>^`{|}\"".utf8.contains(byte)
        default: byte >= 0x80
        }
    }
}
