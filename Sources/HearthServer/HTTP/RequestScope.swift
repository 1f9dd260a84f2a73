import HTTPTypes
import HearthValues
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What hummingbird carries along with a request.
struct RequestScope: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where the request comes from, for the log.
    var remote: String
    /// The other end of the connection.
    let peer: IPAddress?
    /// Where the request comes from, as far as that is known.
    var client: IPAddress?
    /// Who asks; whoever is not asked for is nobody.
    var caller = Caller.nobody

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remote = source.channel.remoteName
        peer = source.channel.remoteAddress.flatMap { IPAddress($0) }
        client = peer
    }

    /// Whether a request comes from the server's own machine, no proxy passes it on, and no page of a name that somebody
    /// has led there (DNS rebinding).
    func isLocal(_ request: Request) -> Bool {
        guard let peer else { return true }
        let passed = ["X-Forwarded-For", "Forwarded", "Via"].contains { name in
            HTTPField.Name(name).map { request.headers.contains($0) } ?? false
        }
        let host = request.head.authority ?? ""
        let isOwnName = IPAddress(host) != nil || host == "localhost" || host.hasPrefix("localhost:")
        return peer.isLoopback && !passed && isOwnName
    }

    /// A parameter of the path with its percent-encoding taken off.
    func name(_ parameter: String) throws(Refusal) -> String {
        guard let raw = parameters.get(parameter), let name = RoomName.decoded(raw) else {
            throw Refusal(
                statusCode: 400, code: "bad_request",
                message: "the {\(parameter)} in the path is not UTF-8 in percent-encoding")
        }
        return name
    }

    /// The room of the path, for a caller that may do this with it.
    func room(_ wish: Caller.Wish) throws(Refusal) -> String {
        let room = try name("room")
        try caller.require(wish, in: room)
        return room
    }
}

extension Request {
    func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].map { String($0) }
    }

    /// A query parameter that is a whole number of at least 0; nil when it is absent.
    func count(_ name: String) throws(Refusal) -> UInt64? {
        guard let text = query(name) else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw Refusal(
                statusCode: 400, code: "bad_request", message: "\"\(name)\" must be a whole number, not \"\(text)\"")
        }
        return UInt64(number)
    }

    /// How many of a list are answered at once, at most.
    static let limitMax: UInt64 = 1_000

    /// `?limit=`: how many of a list are wanted, from 1 to 1000; 100 when it is absent.
    func limit() throws(Refusal) -> Int {
        let limit = try count("limit") ?? 100
        guard (1...Self.limitMax).contains(limit) else {
            throw Refusal(
                statusCode: 400, code: "bad_request",
                message:
                    "\"limit\" must be from 1 to \(Self.limitMax); what is left follows with the cursor of the answer")
        }
        return Int(limit)
    }

    /// The `Idempotency-Key`; nil when there is none.
    func idempotencyKey() throws(Refusal) -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = headers[name] else { return nil }
        guard (1...200).contains(key.utf8.count) else {
            throw Refusal(statusCode: 422, code: "invalid_data", message: "an Idempotency-Key has 1 to 200 bytes")
        }
        return key
    }

    /// The body as a JSON object; nothing counts as `{}`.
    func object(bytesMax: Int) async throws -> Object {
        try MediaType.check(self)
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: bytesMax)
        } catch is NIOTooManyBytesError {
            throw Refusal.tooLarge(bytesMax)
        } catch {
            throw Refusal(statusCode: 400, code: "bad_request", message: "the body of the request broke off")
        }
        if buffer.readableBytes == 0 { return Object() }
        do {
            guard case .object(let object) = try JSON.parse(Array(buffer.readableBytesView), links: .parsed) else {
                throw Refusal(statusCode: 400, code: "bad_message", message: "the body must be a JSON object")
            }
            return object
        } catch let error as JSONError {
            throw Refusal(statusCode: 400, code: "bad_message", message: "the body is not JSON: \(error.message)")
        }
    }
}

extension Object {
    /// A field that must be there and hold text.
    func text(_ field: String) throws(Refusal) -> String {
        guard case .string(let text)? = self[field] else {
            throw Refusal(
                statusCode: 422, code: "invalid_data", message: "\"\(field)\" is missing or no string",
                details: ["field": .string(field)])
        }
        return text
    }
}

extension Response {
    static func json(_ value: Value, status: HTTPResponse.Status = .ok, etag: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-cache"]
        if let etag { headers[.eTag] = "\"\(etag)\"" }
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: JSON.bytes(value))))
    }
}
