import HearthRecipes
import HearthValues

/// What the OpenAPI document says of each call.
extension HTTPCall {
    /// In one line what it does, and what it answers when all is well.
    var description: (String, [(String, Value)]) {
        switch self {
        case .health: ("The process lives.", [ok("Status")])
        case .ready: ("It can serve: the store answers, and the server is not about to stop.", [ok("Status")])
        case .metrics: ("Figures in Prometheus' text format.", [("200", Self.plainText)])
        case .openAPI: ("This document.", [("200", Self.json(["type": "object"]))])
        case .listRecipes:
            (
                "The recipes that are loaded.",
                [
                    (
                        "200",
                        Self.json(
                            OpenAPISchemas.object(
                                ["recipes": OpenAPISchemas.list(of: OpenAPI.reference("RecipeEntry"))],
                                required: ["recipes"]))
                    )
                ]
            )
        case .showRecipe: ("A recipe: its cells and handlers with their JSON Schemas.", [ok("Recipe")])
        case .reloadRecipe:
            ("Loads a recipe anew, for one room or for all; says how each room took it.", [Self.report])
        case .rollBackRecipe: ("Goes back to the version of a recipe that ran before.", [Self.report])
        case .listVersions: ("The versions of a recipe that ran, the latest first.", [Self.report])
        case .listRooms:
            (
                "Rooms in order of their ids.",
                [
                    (
                        "200",
                        Self.json(
                            OpenAPISchemas.page(
                                "rooms", of: "RoomRecord", next: ["type": ["string", "null"]]))
                    )
                ]
            )
        case .createRoom: ("Makes a room, durably.", [("201", Self.made)])
        case .showRoom: ("A room as everyone may see it.", [ok("Room")])
        case .deleteRoom: ("Deletes a room and sends everyone away.", [("204", Self.nothing)])
        case .showCells:
            ("The cells that everyone may see, now or as of an earlier commit.", [ok("Cells"), Self.unchanged])
        case .showCell: ("One cell.", [("200", Self.json([:])), Self.unchanged])
        case .listCommits:
            (
                "Commits, oldest first, as everyone may see them.",
                [
                    (
                        "200",
                        Self.json(
                            OpenAPISchemas.page(
                                "commits", of: "Commit", next: ["type": ["integer", "null"]]))
                    )
                ]
            )
        case .sendEvent:
            ("Runs a handler. What the data must be stands under `RECIPE.HANDLER` in the components.", [ok("Ack")])
        case .exportRoom:
            ("All that a room holds, with its whole history, for the operator: JSON lines.", [("200", Self.lines)])
        case .runConsole:
            ("Runs Lua on a room's cells, for the operator.", [ok("Sight")])
        case .enterParty:
            ("A raw JSON socket for PartySocket clients, over an upgrade to WebSocket.", [("101", Self.nothing)])
        case .listClosings:
            (
                "Why the sockets of a session were closed, the latest first.",
                [
                    (
                        "200",
                        Self.json(
                            OpenAPISchemas.object(
                                ["closings": OpenAPISchemas.list(of: OpenAPI.reference("Closing"))],
                                required: ["closings"]))
                    )
                ]
            )
        }
    }

    /// The statuses of refusals.
    var refusals: [String] {
        let own: [String] =
            switch self {
            case .health, .openAPI, .listRecipes: []
            case .metrics: []
            case .ready: ["503"]
            case .showRecipe: ["400", "404"]
            case .reloadRecipe: ["400", "403", "404", "409", "413", "415", "422", "503"]
            case .rollBackRecipe: ["400", "403", "404", "409", "422", "503"]
            case .listVersions: ["400", "404", "503"]
            case .listRooms: ["400", "503"]
            case .createRoom: ["400", "403", "404", "409", "413", "415", "422", "503"]
            case .showRoom: ["400", "404", "426", "503"]
            case .deleteRoom: ["400", "403", "404", "503"]
            case .showCells, .showCell, .listCommits: ["400", "404", "503"]
            case .sendEvent: ["400", "403", "404", "409", "410", "413", "415", "422", "429", "503"]
            case .exportRoom: ["400", "403", "404", "503"]
            case .runConsole: ["400", "403", "404", "409", "410", "413", "415", "422", "429", "503"]
            case .enterParty: ["400", "403", "404", "409", "426", "503"]
            case .listClosings: ["400"]
            }
        let all = ["401", "403", "408", "429", "431", "500", "503"]
        return (Set(own + all + (isJSON ? ["406"] : []))).sorted()
    }

    var parameters: [Value] {
        let inPath = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment -> Value in
            Self.parameter(String(segment.dropFirst().dropLast()), in: "path", ["type": "string", "minLength": 1])
        }
        let count: Value = ["type": "integer", "minimum": 0, "maximum": .int(Int64.max)]
        let text: Value = ["type": "string"]
        let limit: Value = ["type": "integer", "minimum": 1, "maximum": 1_000, "default": 100]
        let key = Self.parameter(
            "Idempotency-Key", in: "header",
            ["type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"])
        let known = Self.parameter("If-None-Match", in: "header", text)
        switch self {
        case .listRooms:
            return [("recipe", text), ("after", text), ("limit", limit)].map { Self.parameter($0, in: "query", $1) }
        case .listCommits:
            return inPath + [("since", count), ("limit", limit)].map { Self.parameter($0, in: "query", $1) }
        case .showCells, .showCell: return inPath + [Self.parameter("at", in: "query", count), known]
        case .createRoom: return [key]
        case .sendEvent: return inPath + [key]
        case .enterParty:
            return inPath + [Self.parameter("_pk", in: "query", ["type": "string", "minLength": 1, "maxLength": 200])]
        case .listClosings:
            return [Self.parameter("session", in: "query", ["type": "string", "minLength": 1], isRequired: true)]
        default: return inPath
        }
    }

    /// The schema of the request's body; nil for calls without one.
    ///
    /// - Parameter recipes: those that are loaded.
    func body(_ recipes: [Recipe]) -> Value? {
        switch self {
        case .createRoom:
            OpenAPISchemas.object(
                [
                    "id": Self.roomID,
                    "recipe": ["type": "string", "enum": .list(List(recipes.map { .string($0.name) }))], "input": [:],
                ], required: ["id", "recipe"])
        case .reloadRecipe:
            OpenAPISchemas.object(["canary": Self.roomID, "dry_run": ["type": "boolean"]], required: [])
        case .runConsole:
            OpenAPISchemas.object(
                ["lua": OpenAPISchemas.text, "write": ["type": "boolean", "default": false]], required: ["lua"])
        case .sendEvent:
            .object(["anyOf": .list(List(recipes.flatMap(Self.events)))])
        default: nil
        }
    }

    /// As `RoomName` has it.
    private static let roomID: Value = [
        "type": "string", "minLength": 1, "maxLength": .int(Int64(RoomName.charactersMax)),
        "pattern": "^[^/\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]+$", "not": ["enum": [".", ".."]],
    ]

    /// What may be sent to rooms of a recipe: one shape for each handler.
    private static func events(of recipe: Recipe) -> [Value] {
        recipe.handlers.values.sorted { $0.name < $1.name }.map { handler in
            OpenAPISchemas.object(
                [
                    "name": ["const": .string(handler.name)],
                    "data": OpenAPI.reference("\(recipe.name).\(handler.name)"),
                ], required: handler.data == nil ? ["name"] : ["name", "data"])
        }
    }

    // MARK: - Pieces

    private static func parameter(_ name: String, in place: String, _ schema: Value, isRequired: Bool = false) -> Value
    {
        .object([
            "name": .string(name), "in": .string(place), "required": .bool(isRequired || place == "path"),
            "schema": schema,
        ])
    }

    private func ok(_ schema: String) -> (String, Value) { ("200", Self.json(OpenAPI.reference(schema))) }

    private static func json(_ schema: Value) -> Value {
        .object(["description": "done", "content": ["application/json": .object(["schema": schema])]])
    }

    private static let report = ("200", json(["type": "object"]))
    private static let plainText: Value = [
        "description": "done", "content": ["text/plain": ["schema": ["type": "string"]]],
    ]
    private static let lines: Value = [
        "description": "done", "content": ["application/x-ndjson": ["schema": ["type": "string"]]],
    ]
    /// With links to what can be asked of a room.
    private static let made: Value = {
        let calls: [HTTPCall] = [.showRoom, .showCells, .listCommits, .sendEvent, .deleteRoom]
        let links = calls.map { call -> (key: String, value: Value) in
            (
                key: call.rawValue,
                value: ["operationId": .string(call.rawValue), "parameters": ["room": "$response.body#/id"]]
            )
        }
        var answer = json(OpenAPI.reference("RoomCreated")).object ?? Object()
        answer["links"] = .object(Object(links))
        return .object(answer)
    }()

    private static let nothing: Value = ["description": "done"]
    private static let unchanged = ("304", Value.object(["description": "what If-None-Match names is still right"]))
}
