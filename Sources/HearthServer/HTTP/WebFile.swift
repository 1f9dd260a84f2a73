import HTTPTypes
import Hummingbird
import NIOCore

/// A file for browsers: its bytes and what they are.
struct WebFile: Sendable {
    let bytes: ByteBuffer
    let type: String
    /// Tells these bytes from others.
    private let etag: String

    /// - Complexity: O(n) in the bytes. Answers are O(1).
    init(bytes: ByteBuffer, type: String) {
        self.bytes = bytes
        self.type = type
        let hash = bytes.withUnsafeReadableBytes {
            $0.reduce(into: UInt64(0xcbf2_9ce4_8422_2325)) { $0 = ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        etag = "\"\(String(hash, radix: 16))\""
    }

    /// The media type that a file's name says; nil for names that are not served.
    static func type(of name: String) -> String? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return types[name[name.index(after: dot)...].lowercased()]
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
        "ts": "text/plain; charset=utf-8", "json": "application/json; charset=utf-8",
        "txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8", "svg": "image/svg+xml",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "ico": "image/x-icon", "woff2": "font/woff2", "wasm": "application/wasm", "mp3": "audio/mpeg",
        "webmanifest": "application/manifest+json",
    ]

    /// Pages change when their author saves them, so a browser asks each time whether what it has is still right.
    var response: Response {
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff", .eTag: etag,
        ]
        if type.hasPrefix("text/html"), let policy = HTTPField.Name("Content-Security-Policy") {
            headers[policy] = Self.policy
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }

    /// The response, or "not modified" for a browser that has these very bytes.
    func response(to request: Request) -> Response {
        guard request.headers[.ifNoneMatch] == etag else { return response }
        return Response(status: .notModified, headers: [.eTag: etag])
    }

    /// No script or style of a page comes from anywhere but this server, and none stands in the page itself.
    private static let policy =
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        + "frame-ancestors 'self'"
}
