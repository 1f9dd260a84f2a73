import HTTPTypes
import HearthRecipes
import HearthRooms
import HearthValues
import Hummingbird
import NIOPosix

/// `POST /recipes/{name}/reload` and `/rollback`, and `GET /recipes/{name}/versions`: for whoever runs the server.
struct RecipeRoutes: Sendable {
    let host: RoomHost
    let reloader: RecipeReloader

    func add(to router: Router<RequestScope>) {
        router.post("recipes/{name}/reload", use: reload)
        router.post("recipes/{name}/rollback", use: rollback)
        router.get("recipes/{name}/versions", use: versions)
    }

    @Sendable private func reload(_ request: Request, _ scope: RequestScope) async throws -> Response {
        try scope.caller.requireOperator()
        let name = try scope.name("name")
        let body = try await request.object(bytesMax: 65_536)
        for key in body.keys where key != "canary" && key != "dry_run" {
            throw Refusal(
                statusCode: 422, code: "invalid_data",
                message: "\"\(key)\" is not known here; there are canary and dry_run",
                details: ["field": .string(key)])
        }
        var canary: String?
        if let room = body["canary"] {
            canary = try body.text("canary")
            guard RoomName.isValid(room.string ?? "") else { throw Refusal.badRoomName(room.string ?? "") }
            let described = try await host.describe(room.string ?? "")
            guard described.recipe.name == name else {
                throw Refusal(
                    statusCode: 422, code: "invalid_data",
                    message: "the room \"\(described.id)\" runs \(described.recipe.name), not \(name)",
                    details: ["field": "canary"])
            }
        }
        let results = try await reloader.reload(
            RecipeReloader.Request(
                name: name, by: scope.remote, cause: canary == nil ? .reload : .canary, canary: canary,
                isTrial: body["dry_run"] == .bool(true)))
        guard let result = results.first else { throw Refusal.noRecipe(name, known: host.library.names) }
        return answer(result)
    }

    @Sendable private func rollback(_ request: Request, _ scope: RequestScope) async throws -> Response {
        try scope.caller.requireOperator()
        return answer(try await reloader.rollBack(try scope.name("name"), by: scope.remote))
    }

    @Sendable private func versions(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let name = try scope.name("name")
        guard let entry = host.library.entry(named: name) else {
            throw Refusal.noRecipe(name, known: host.library.names)
        }
        let archive = host.archive
        let kept = try await host.readers.runIfActive { archive?.history(of: name) ?? [] }
        let versions = kept.reversed().map { record -> Value in
            [
                "number": .int(Int64(record.number)), "version": .int(record.version), "hash": .string(record.hash),
                "at": .int(record.at), "by": .string(record.by), "cause": .string(record.cause.rawValue),
            ]
        }
        return .json(["running": .string(entry.source.hash), "versions": .list(List(versions))])
    }

    /// 422 for what does not load, as everywhere else.
    private func answer(_ result: RecipeReloadResult) -> Response {
        guard case .broken(let error) = result.outcome else { return .json(result.json) }
        return Refusal(
            statusCode: 422, code: "recipe_broken", message: error.message,
            details: ["problems": .list(List(error.problems.map(\.json)))]
        ).response
    }
}
