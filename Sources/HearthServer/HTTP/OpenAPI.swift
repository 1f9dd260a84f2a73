import HTTPTypes
import HearthRecipes
import HearthValues

/// The OpenAPI 3.1 document: made from the table of calls, so that it cannot lack one, and from the recipes that are loaded.
enum OpenAPI {
    static func document(recipes: [Recipe]) -> Value {
        var paths = Object()
        for call in HTTPCall.allCases where call.isDescribed {
            var item = paths[call.path]?.object ?? Object()
            item[call.method.rawValue.lowercased()] = operation(call, recipes)
            paths[call.path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Hearth", "version": "1",
                "description": .string(
                    "Rooms over HTTP. Participants speak to them over a WebSocket: GET /rooms/{room} with an upgrade."),
            ],
            "paths": .object(paths),
            "components": ["schemas": .object(schemas(of: recipes))],
        ]
    }

    private static func operation(_ call: HTTPCall, _ recipes: [Recipe]) -> Value {
        let (summary, answers) = call.description
        var responses = Object()
        for (status, answer) in answers { responses[status] = answer }
        for status in call.refusals { responses[status] = refusal }
        var operation: Object = [
            "operationId": .string(call.rawValue), "summary": .string(summary), "responses": .object(responses),
        ]
        if !call.parameters.isEmpty { operation["parameters"] = .list(List(call.parameters)) }
        if let body = call.body(recipes) {
            operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
        }
        return .object(operation)
    }

    private static let refusal: Value = [
        "description": "why not", "content": ["application/json": ["schema": reference("Error")]],
    ]

    static func reference(_ name: String) -> Value { ["$ref": .string("#/components/schemas/\(name)")] }

    /// The shapes that calls share, and under `RECIPE.HANDLER` the data that each handler takes.
    private static func schemas(of recipes: [Recipe]) -> Object {
        var schemas = OpenAPISchemas.shared
        for recipe in recipes {
            for handler in recipe.handlers.values {
                schemas["\(recipe.name).\(handler.name)"] = (handler.data ?? .any).jsonSchema
            }
        }
        return schemas
    }
}
