import HTTPTypes
import HearthRecipes
import HearthStore
import HearthValues
import Hummingbird
import NIOCore

/// `/healthz`, `/readyz`, `/metrics` and `/recipes…`.
struct ServerRoutes: Sendable {
    let host: RoomHost
    let turnstile: Turnstile

    func add(to router: Router<RequestScope>) {
        router.serve(.health) { _, _ in Response.json(["status": "ok"]) }
        router.serve(.ready, ready)
        router.serve(.metrics, metrics)
        router.serve(.openAPI) { _, _ in Response.json(OpenAPI.document(recipes: host.library.all)) }
        router.serve(.listRecipes, recipes)
        router.serve(.showRecipe, recipe)
        router.serve(.listClosings, closings)
    }

    @Sendable private func ready(_ request: Request, _ scope: RequestScope) async throws -> Response {
        if host.isLeaving { throw Refusal.shuttingDown }
        try await host.read { store throws(StoreError) in try store.check() }
        return .json(["status": "ready"])
    }

    @Sendable private func recipes(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let recipes = host.library.names.compactMap { host.library.entry(named: $0) }.map { entry -> Value in
            [
                "name": .string(entry.recipe.name), "version": .int(entry.recipe.version),
                "hash": .string(entry.recipe.hash), "about": .string(entry.recipe.about),
                "page": .bool(entry.web != nil),
            ]
        }
        return .json(["recipes": .list(List(recipes))])
    }

    @Sendable private func recipe(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let name = try scope.name("name")
        guard let entry = host.library.entry(named: name) else {
            throw Refusal.noRecipe(name, known: host.library.names)
        }
        return .json(entry.recipe.description)
    }

    @Sendable private func closings(_ request: Request, _ scope: RequestScope) async throws -> Response {
        try scope.caller.requireOperator()
        guard let session = request.query("session"), !session.isEmpty else {
            throw Refusal(
                statusCode: 400, code: "bad_request",
                message: "\"session\" is missing: whose closes? A session's id, or the trace of a connection")
        }
        let closings = host.closings.closings(of: session).prefix(100).map { $0.json(remote: false) }
        return .json(["closings": .list(List(closings))])
    }

    @Sendable private func metrics(_ request: Request, _ scope: RequestScope) async throws -> Response {
        try scope.caller.require(role: "metrics")
        let headers: HTTPFields = [.contentType: "text/plain; version=0.0.4; charset=utf-8"]
        return Response(
            status: .ok, headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: await MetricsText.make(host, turnstile.sample))))
    }
}
