import HTTPTypes
import Hummingbird
import NIOPosix

/// The index at `/`, a recipe's page at `/r/{recipe}/{room}`, its files under `/assets/{recipe}/`, and what all pages
/// share.
struct PageRoutes: Sendable {
    let host: RoomHost

    func add(to router: Router<RequestScope>) {
        router.get("") { request, _ in BuiltInFiles.index.response(to: request) }
        for (path, file) in BuiltInFiles.byPath {
            router.get(RouterPath(path)) { request, _ in file.response(to: request) }
        }
        router.get("r/{recipe}/{room}", use: page)
        // Without a room: the index makes one.
        router.get("r/{recipe}") { _, _ in Response.redirect(to: "/", type: .found) }
        router.get("assets/{recipe}/**", use: asset)
    }

    @Sendable private func page(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let recipe = try scope.name("recipe")
        let room = try scope.name("room")
        guard RoomName.isValid(room) else { throw Refusal.badRoomName(room) }
        guard let entry = host.library.entry(named: recipe) else {
            throw Refusal.noRecipe(recipe, known: host.library.names)
        }
        guard let web = entry.web, let file = try await file(in: web, ["index.html"]) else {
            throw Refusal(
                statusCode: 404, code: "not_found", message: "the recipe \"\(recipe)\" has no page: web/index.html")
        }
        return file.response(to: request)
    }

    @Sendable private func asset(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let recipe = try scope.name("recipe")
        let segments = request.uri.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        let names = segments.compactMap { RoomName.decoded($0) }
        guard names.count == segments.count, let web = host.library.entry(named: recipe)?.web,
            let file = try await file(in: web, names)
        else { throw Refusal.notFound(request.uri.path) }
        return file.response(to: request)
    }

    /// Files are read on a reading thread.
    private func file(in folder: String, _ segments: [String]) async throws -> WebFile? {
        try await host.readers.runIfActive { RecipeFiles.file(in: folder, segments) }
    }
}
