import HTTPTypes
import HearthIdentity
import Hummingbird

/// Finds out who asks, and lets nobody without a token past what is open to all: the pages and their files, and the
/// two questions whether the server is well.
struct IdentityMiddleware: RouterMiddleware {
    typealias Context = RequestScope

    /// nil: the server asks nobody for a token.
    let doorkeeper: Doorkeeper?

    func handle(
        _ request: Request, context: RequestScope, next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.caller = try caller(request, context)
        if case .nobody = context.caller, !Self.isOpen(request) { throw Refusal.tokenNeeded }
        return try await next(request, context)
    }

    private func caller(_ request: Request, _ scope: RequestScope) throws(Refusal) -> Caller {
        guard let doorkeeper else { return .anyone(isLocal: scope.isLocal(request)) }
        guard let token = BearerToken.token(ofAuthorization: request.headers[.authorization]) else { return .nobody }
        return .bearer(try doorkeeper.credential(of: token).claims)
    }

    /// Only what is read, and by its exact path: what is not known here needs a token.
    static func isOpen(_ request: Request) -> Bool {
        guard request.method == .get || request.method == .head else { return false }
        let path = request.uri.path
        if ["/", "/healthz", "/readyz", "/openapi.json"].contains(path) { return true }
        if BuiltInFiles.byPath[String(path.dropFirst())] != nil { return true }
        let first = path.split(separator: "/", omittingEmptySubsequences: true).first
        return first == "r" || first == "assets"
    }
}
