import HTTPTypes
import Hummingbird
import Logging

/// Turns what routes throw into the error body of PROTOCOL.md, with one line in the log.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = RequestScope

    let logger: Logger
    let counters: ServerCounters

    func handle(
        _ request: Request, context: RequestScope, next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let refusal = refusal(error, request).traced
            counters.count(refusal)
            logger.info(
                "request refused",
                metadata: [
                    "method": "\(request.method)", "path": "\(request.uri.path)", "remote": "\(context.remote)",
                    "code": "\(refusal.code)", "cause": "\(refusal.message)", "trace": "\(refusal.trace ?? "-")",
                ])
            if refusal.statusCode == 500 { logger.error("mistake of the server", metadata: ["cause": "\(error)"]) }
            return refusal.response
        }
    }

    private func refusal(_ error: any Error, _ request: Request) -> Refusal {
        switch error {
        case let refusal as Refusal: return refusal
        case let error as any HTTPResponseError where error.status == .notFound:
            guard let allowed = RouteTable.methods(at: request.uri.path) else { return .notFound(request.uri.path) }
            return .wrongMethod(request.method.rawValue, at: request.uri.path, allowed: allowed)
        case let error as any HTTPResponseError:
            return Refusal(
                statusCode: error.status.code, code: "bad_request", message: "\(error.status.reasonPhrase)")
        default:
            return Refusal(statusCode: 500, code: "internal", message: "the server made a mistake; its log says which")
        }
    }
}
