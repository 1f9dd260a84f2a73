import Foundation
import HearthStore
import HearthValues

/// What a line of `hearth rooms list` says.
struct RoomSummary {
    var id: String
    var recipe: String
    var seq: Int64
    /// Milliseconds since 1970; nil when the server does not say.
    var updatedAt: Int64?

    var columns: [String] {
        [id, recipe, ProgressLine.grouped(Int(seq)), updatedAt.map(Self.time) ?? ""]
    }

    var json: Value {
        var object: Object = ["id": .string(id), "recipe": .string(recipe), "seq": .int(seq)]
        if let updatedAt { object["updated_at"] = .int(updatedAt) }
        return .object(object)
    }

    /// 2026-01-31 12:00:00 UTC
    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            .formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
            + " UTC"
    }

    /// The rooms in a server's answer: a list, or an object that holds one under `rooms`.
    static func list(in answer: Value) -> [RoomSummary] {
        var answer = answer
        if case .object(let object) = answer { answer = object["rooms"] ?? .null }
        guard case .list(let list) = answer else { return [] }
        return list.compactMap { item in
            guard case .object(let room) = item, case .string(let id)? = room["id"] ?? room["room"] else { return nil }
            return RoomSummary(
                id: id, recipe: recipe(of: room), seq: room["seq"].int ?? 0, updatedAt: room["updated_at"].int)
        }
    }

    private static func recipe(of room: Object) -> String {
        switch room["recipe"] {
        case .string(let name): name
        case .object(let recipe): if case .string(let name)? = recipe["name"] { name } else { "" }
        default: ""
        }
    }
}

extension RoomRecord {
    var summary: RoomSummary {
        RoomSummary(id: id, recipe: recipe, seq: Int64(clamping: seq), updatedAt: updatedAt)
    }
}

extension Value? {
    fileprivate var int: Int64? {
        if case .int(let number)? = self { number } else { nil }
    }
}
