import HearthValues

/// The shapes that calls share.
enum OpenAPISchemas {
    static let shared: Object = {
        var shapes = Object()
        shapes["Error"] = object(
            [
                "error": object(
                    ["code": text, "message": text, "details": ["type": "object"], "trace": text],
                    required: ["code", "message", "trace"])
            ], required: ["error"])
        shapes["Status"] = object(["status": text], required: ["status"])
        shapes["RecipeStamp"] = object(
            ["name": text, "version": whole, "hash": text], required: ["name", "version", "hash"])
        shapes["RecipeEntry"] = object(
            ["name": text, "version": whole, "hash": text, "about": text, "page": ["type": "boolean"]],
            required: ["name", "version", "hash", "about", "page"])
        shapes["Recipe"] = object(
            [
                "name": text, "version": whole, "hash": text, "about": text, "cells": ["type": "object"],
                "derived": texts, "handlers": ["type": "object"], "messages": texts, "parties": texts,
            ], required: ["name", "version", "hash", "cells", "handlers"])
        shapes["RoomRecord"] = object(
            ["id": text, "recipe": text, "seq": whole, "created_at": whole, "updated_at": whole],
            required: ["id", "recipe", "seq", "created_at", "updated_at"])
        shapes["RoomCreated"] = object(
            ["id": text, "epoch": text, "seq": whole, "recipe": OpenAPI.reference("RecipeStamp")],
            required: ["id", "epoch", "seq", "recipe"])
        shapes["Room"] = object(
            [
                "id": text, "epoch": text, "seq": whole, "recipe": OpenAPI.reference("RecipeStamp"),
                "participants": list(of: OpenAPI.reference("Participant")), "sessions": whole,
                "cells": ["type": "object"], "stats": ["type": "object", "additionalProperties": whole],
            ], required: ["id", "epoch", "seq", "recipe", "participants", "sessions", "cells", "stats"])
        shapes["Participant"] = object(
            ["id": text, "name": ["type": ["string", "null"]], "roles": texts], required: ["id", "name", "roles"])
        shapes["Cells"] = object(["seq": whole, "cells": ["type": "object"]], required: ["seq", "cells"])
        shapes["Commit"] = object(
            [
                "seq": whole, "at": whole, "by": ["type": ["string", "null"]], "event": ["type": ["string", "null"]],
                "patch": list(of: ["type": "object"]),
            ], required: ["seq", "at", "by", "event", "patch"])
        shapes["Ack"] = object(["seq": whole, "runs": whole, "result": [:]], required: ["seq"])
        shapes["Sight"] = object(
            [
                "seq": whole, "runs": whole, "printed": texts,
                "values": ["type": "array", "items": ["type": "array", "maxItems": 1]],
            ], required: ["seq", "printed", "values"])
        shapes["Closing"] = object(
            ["at": whole, "room": text, "session": text, "trace": text, "code": whole, "cause": text],
            required: ["at", "room", "session", "trace", "code", "cause"])
        return shapes
    }()

    static let text: Value = ["type": "string"]
    static let whole: Value = ["type": "integer"]
    private static let texts = list(of: text)

    static func object(_ properties: Object, required: [String]) -> Value {
        .object([
            "type": "object", "properties": .object(properties),
            "required": .list(List(required.map { .string($0) })),
        ])
    }

    static func list(of items: Value) -> Value { .object(["type": "array", "items": items]) }

    /// One page of a list, and where the next one begins.
    static func page(_ name: String, of items: String, next: Value) -> Value {
        object([name: list(of: OpenAPI.reference(items)), "next": next], required: [name, "next"])
    }
}
