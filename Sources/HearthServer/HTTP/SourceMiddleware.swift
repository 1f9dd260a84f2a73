import HTTPTypes
import Hummingbird
import NIOCore

/// Finds out where a request comes from, past the proxies that are trusted.
struct SourceMiddleware: RouterMiddleware {
    typealias Context = RequestScope

    let proxies: TrustedProxies

    func handle(
        _ request: Request, context: RequestScope, next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        guard let peer = context.peer, proxies.trusts(peer) else { return try await next(request, context) }
        var context = context
        let fields = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        context.client = proxies.client(of: peer, forwardedFor: fields)
        if let client = context.client { context.remote = client.text }
        return try await next(request, context)
    }
}
