import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

extension Refusal: HTTPResponseError {
    var status: HTTPResponse.Status { .init(code: statusCode) }

    func response(from request: Request, context: some RequestContext) throws -> Response { response }

    var response: Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private var headers: HTTPFields {
        var fields: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        if let allowed { fields[.allow] = allowed }
        if statusCode == 426 || code == "bad_upgrade" { fields[.secWebSocketVersion] = "13" }
        if statusCode == 401 { fields[.wwwAuthenticate] = "Bearer" }
        if statusCode == 426 {
            fields[.upgrade] = "websocket"
            fields[.connection] = "upgrade"
        }
        return fields
    }

    /// The answer to an upgrade that is refused; whoever wanted a socket has no use for the connection after it.
    var parts: [HTTPResponsePart] {
        var head = response.head
        head.headerFields[.contentLength] = String(body.count)
        head.headerFields[.connection] = statusCode == 426 ? "upgrade, close" : "close"
        return [.head(head), .body(ByteBuffer(bytes: body)), .end(nil)]
    }
}
