import HearthRecipes
import HearthValues

/// Why a request is not served: a status for HTTP and the error body of PROTOCOL.md.
struct Refusal: Error, Sendable, Equatable {
    var statusCode: Int
    var code: String
    var message: String
    /// Seconds; sent as `Retry-After`.
    var retryAfter: Int?
    var details: Value
    /// The methods that there are; sent as `Allow`.
    var allowed: String?
    /// Finds the line in the log that tells of it.
    var trace: String?
    /// What was run into, for `/metrics`.
    var limit: ServerLimit?

    init(
        statusCode: Int, code: String, message: String, retryAfter: Int? = nil, details: Value = .null,
        limit: ServerLimit? = nil
    ) {
        self.statusCode = statusCode
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.details = details
        self.limit = limit
    }

    /// The same with a trace of its own.
    var traced: Refusal {
        var traced = self
        traced.trace = trace ?? Chance.trace()
        return traced
    }

    /// `{"error":{"code","message","trace"}}`, with `details` when there are any.
    var body: [UInt8] {
        var error: Object = ["code": .string(code), "message": .string(message)]
        if !details.isNull { error["details"] = details }
        error["trace"] = trace.map { .string($0) }
        return JSON.bytes(.object(["error": .object(error)]))
    }
}

extension Refusal {
    static func noRoom(_ room: String, autoCreate: Bool) -> Refusal {
        let http = "POST /rooms {\"id\": \(JSON.text(.string(room))), \"recipe\": NAME}"
        let ways = autoCreate ? "connect with ?recipe=NAME, or \(http)" : http
        return Refusal(
            statusCode: 404, code: "room_not_found", message: "there is no room \"\(room)\"; to create it: \(ways)")
    }

    static func noRecipe(_ name: String, known: [String]) -> Refusal {
        Refusal(
            statusCode: 404, code: "recipe_not_found",
            message: "there is no recipe \"\(name)\"; known are: \(known.joined(separator: ", "))")
    }

    static func recipeGone(_ name: String) -> Refusal {
        Refusal(
            statusCode: 404, code: "recipe_not_found",
            message: "the files of the recipe \"\(name)\" are gone: its rooms go on, and no new ones are made")
    }

    static func badRoomName(_ name: String) -> Refusal {
        Refusal(
            statusCode: 422, code: "invalid_data",
            message: "\"\(name)\" cannot name a room: \(RoomName.rule)")
    }

    static func roomExists(_ room: String) -> Refusal {
        Refusal(statusCode: 409, code: "room_exists", message: "there is a room \"\(room)\" already")
    }

    static func beingMade(_ room: String) -> Refusal {
        Refusal(
            statusCode: 503, code: "room_closed",
            message: "the room \"\(room)\" is just being deleted or made from another recipe; try again in a moment",
            retryAfter: 1)
    }

    static let shuttingDown = Refusal(
        statusCode: 503, code: "shutting_down", message: "the server is restarting; come back in a moment",
        retryAfter: 1)

    static func tooManyRooms(_ limit: Int) -> Refusal {
        Refusal(
            statusCode: 503, code: "too_many_rooms",
            message: "the server keeps at most \(limit) rooms; its operator can raise that by --max-rooms",
            retryAfter: 60, limit: .rooms)
    }

    static func tooManyAwake(_ limit: Int) -> Refusal {
        Refusal(
            statusCode: 503, code: "too_many_rooms",
            message: "the server has at most \(limit) rooms in memory at once; come back when others sleep",
            retryAfter: 5, limit: .roomsAwake)
    }

    static func foreignOrigin(_ origin: String) -> Refusal {
        Refusal(
            statusCode: 403, code: "origin_not_allowed",
            message: "pages of \(origin) may not connect here; the server's operator can allow it by --allow-origin")
    }

    static func upgradeRequired(_ message: String) -> Refusal {
        Refusal(statusCode: 426, code: "upgrade_required", message: message)
    }

    /// - Parameter need: what the request lacks.
    static func badUpgrade(_ need: String) -> Refusal {
        Refusal(statusCode: 400, code: "bad_upgrade", message: "a WebSocket upgrade needs \(need)")
    }

    static let wrongVersion = Refusal.upgradeRequired("this server speaks version 13 of the WebSocket protocol")

    static func notFound(_ path: String) -> Refusal {
        Refusal(statusCode: 404, code: "not_found", message: "there is nothing at \(path)")
    }

    static func wrongMethod(_ method: String, at path: String, allowed: String) -> Refusal {
        var refusal = Refusal(
            statusCode: 405, code: "method_not_allowed", message: "\(path) takes \(allowed), not \(method)")
        refusal.allowed = allowed
        return refusal
    }

    /// What a room refused, as HTTP says it.
    init(_ failure: Failure) {
        let status =
            switch failure.code {
            case "room_not_found", "recipe_not_found", "unknown_event": 404
            case "room_exists", "conflict": 409
            case "forbidden": 403
            case "unauthenticated": 401
            case "invalid_data", "invalid_link", "handler_failed", "budget_exceeded", "idempotency_key_reused": 422
            case "bad_message": 400
            case "rate_limited": 429
            case "room_closed": 410
            case "storage_unavailable", "room_unavailable", "shutting_down": 503
            default: 500
            }
        self.init(
            statusCode: status, code: failure.code, message: failure.message,
            retryAfter: failure.retryable ? 1 : nil, details: failure.details)
    }
}
