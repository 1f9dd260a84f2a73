import HTTPTypes
import Hummingbird

/// Keeps foreign pages from changing anything. A browser lets them send some requests without asking, and only keeps the
/// answer from them.
struct OriginMiddleware: RouterMiddleware {
    typealias Context = RequestScope

    let origins: OriginPolicy

    func handle(
        _ request: Request, context: RequestScope, next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        let origin = HTTPField.Name("Origin").flatMap { request.headers[$0] }
        if request.method != .get, request.method != .head, !origins.allows(origin, host: request.head.authority) {
            throw Refusal.foreignOrigin(origin ?? "")
        }
        return try await next(request, context)
    }
}
