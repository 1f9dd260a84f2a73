import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension Refusal: HTTPResponseError {
    var status: HTTPResponse.Status { .init(code: statusCode) }

    func response(from request: Request, context: some RequestContext) throws -> Response { response }

    var response: Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private var headers: HTTPFields {
        var fields: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        if statusCode == 426 {
            fields[.upgrade] = "websocket"
            fields[.connection] = "upgrade"
        }
        return fields
    }

    /// Answers a request for an upgrade that is refused, and closes: whoever wanted a socket has no use for the connection.
    @Sendable func respond(
        to request: Request, writer: consuming ResponseWriter, channel: any Channel
    ) async throws {
        var response = response
        response.headers[.contentLength] = String(body.count)
        if statusCode != 426 { response.headers[.connection] = "close" }
        try await writer.write(response: response.head, body: response.body)
        channel.close(mode: .output, promise: nil)
    }
}
