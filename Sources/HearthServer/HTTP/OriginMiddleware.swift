import HTTPTypes
import Hummingbird
import Logging

/// Pages of other origins: those that `--allow-origin` names may read answers and send; others may do neither.
///
/// A browser keeps what it gets from a foreign page unless a field of the answer says otherwise, but it sends simple
/// requests without asking, so those that change something are refused here.
struct OriginMiddleware: RouterMiddleware {
    typealias Context = RequestScope

    let origins: OriginPolicy
    let logger: Logger
    let counters: ServerCounters

    func handle(
        _ request: Request, context: RequestScope, next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        let origin = request.headers[.origin]
        let isAllowed = origins.allows(origin, host: request.head.authority)
        if request.method == .options, let methods = RouteTable.methods(at: request.uri.path) {
            return options(methods, isAllowed ? origin : nil)
        }
        if let origin, !isAllowed, request.method != .get, request.method != .head {
            return refuse(request, context, origin)
        }
        var response = try await next(request, context)
        response.headers[values: .vary].append("Origin")
        if let origin, isAllowed { admit(origin, in: &response.headers) }
        return response
    }

    private func refuse(_ request: Request, _ scope: RequestScope, _ origin: String) -> Response {
        let refusal = Refusal.foreignOrigin(origin).traced
        counters.count(refusal)
        logger.info(
            "request refused",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "remote": "\(scope.remote)",
                "code": "\(refusal.code)", "cause": "\(refusal.message)", "trace": "\(refusal.trace ?? "-")",
            ])
        return refusal.response
    }

    private func options(_ methods: String, _ origin: String?) -> Response {
        var headers: HTTPFields = [.allow: methods, .vary: "Origin"]
        if let origin {
            admit(origin, in: &headers)
            headers[.accessControlAllowMethods] = methods
            headers[.accessControlAllowHeaders] = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
            headers[.accessControlMaxAge] = "600"
        }
        return Response(status: .noContent, headers: headers)
    }

    private func admit(_ origin: String, in headers: inout HTTPFields) {
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] = "ETag, Location, Retry-After"
    }
}
