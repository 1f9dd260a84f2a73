import HTTPTypes

/// Every call of the HTTP API: what the router serves, what the OpenAPI document describes and what `Allow` says.
enum HTTPCall: String, CaseIterable, Sendable {
    case health, ready, metrics, openAPI
    case listRecipes, showRecipe, reloadRecipe, rollBackRecipe, listVersions
    case listRooms, createRoom, showRoom, deleteRoom
    case showCells, showCell, listCommits, sendEvent
    case exportRoom, runConsole
    case enterParty, listClosings

    var method: HTTPRequest.Method {
        switch self {
        case .createRoom, .sendEvent, .runConsole, .reloadRecipe, .rollBackRecipe: .post
        case .deleteRoom: .delete
        default: .get
        }
    }

    /// With `{name}` for each parameter, as routers and OpenAPI write it.
    var path: String {
        switch self {
        case .health: "/healthz"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        case .openAPI: "/openapi.json"
        case .listRecipes: "/recipes"
        case .showRecipe: "/recipes/{name}"
        case .reloadRecipe: "/recipes/{name}/reload"
        case .rollBackRecipe: "/recipes/{name}/rollback"
        case .listVersions: "/recipes/{name}/versions"
        case .listRooms, .createRoom: "/rooms"
        case .showRoom, .deleteRoom: "/rooms/{room}"
        case .showCells: "/rooms/{room}/cells"
        case .showCell: "/rooms/{room}/cells/{cell}"
        case .listCommits: "/rooms/{room}/commits"
        case .sendEvent: "/rooms/{room}/events"
        case .exportRoom: "/rooms/{room}/export"
        case .runConsole: "/rooms/{room}/console"
        case .enterParty: "/parties/{party}/{room}"
        case .listClosings: "/closings"
        }
    }

    /// OpenAPI has no words for sockets; what only operators may ask is told in Docs/hot-reload.md.
    var isDescribed: Bool { ![.enterParty, .reloadRecipe, .rollBackRecipe].contains(self) }

    /// Whether it answers with JSON; the others say what they answer with themselves.
    var isJSON: Bool { self != .metrics && self != .exportRoom }
}
