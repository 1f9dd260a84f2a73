package import HearthRecipes
package import HearthRooms
import HearthValues

/// What became of a version of a recipe that a server was to take up.
package struct RecipeReloadResult: Sendable {
    package enum Outcome: Sendable {
        /// New and existing rooms run it; `rooms` says how those took it that are awake.
        case taken(rooms: [RoomOutcome])
        /// The sources are those that run.
        case unchanged
        /// It does not load, and changes nothing.
        case broken(RecipeError)
        /// Its files are gone; what ran goes on.
        case gone
    }

    package struct RoomOutcome: Sendable {
        package var room: String
        package var report: ReloadReport
        /// How long the room stood still for it, in microseconds.
        package var microseconds: Int
    }

    package var name: String
    /// Where its files lie.
    package var path: String
    package var version: Int64
    package var hash: String
    package var isNew = false
    /// The only room that was to take it; nil: all.
    package var canary: String?
    package var outcome: Outcome
    /// What its author may have forgotten.
    package var warnings: [RecipeProblem] = []
}

extension RecipeReloadResult {
    /// As `POST /recipes/{name}/reload` answers.
    var json: Value {
        var object: Object = [
            "name": .string(name), "version": .int(version), "hash": .string(hash),
            "warnings": .list(List(warnings.map(\.json))),
        ]
        object["canary"] = canary.map { .string($0) }
        switch outcome {
        case .unchanged: object["outcome"] = "unchanged"
        case .gone: object["outcome"] = "gone"
        case .broken(let error):
            object["outcome"] = "broken"
            object["problems"] = .list(List(error.problems.map(\.json)))
        case .taken(let rooms):
            object["outcome"] = "taken"
            object["rooms"] = .list(List(rooms.map(\.json)))
        }
        return .object(object)
    }

    /// What is wrong with it, for its author: with the recipe, or with it in the rooms that there are.
    package var problems: [RecipeProblem] {
        if case .broken(let error) = outcome { return error.problems }
        return refusals.map { room, failure in
            let details = failure.details.object ?? Object()
            return RecipeProblem(
                file: details["file"]?.string ?? "recipe.lua", line: details["line"]?.int.map { Int($0) },
                message: "the room \(room) cannot run it: \(failure.message)", source: details["source"]?.string)
        }
    }

    /// Rooms that could not run it.
    package var refusals: [(room: String, failure: Failure)] {
        guard case .taken(let rooms) = outcome else { return [] }
        return rooms.compactMap { room in
            if case .refused(let failure) = room.report.outcome { (room.room, failure) } else { nil }
        }
    }
}

extension RecipeReloadResult.RoomOutcome {
    fileprivate var json: Value {
        var object: Object = [
            "room": .string(room), "from_version": .int(report.from.version), "microseconds": .int(Int64(microseconds)),
            "lost_timers": .list(List(report.lostTimers.map { .string($0) })),
            "lost_waits": .int(Int64(report.lostWaits)), "reattached": .int(Int64(report.reattached)),
        ]
        switch report.outcome {
        case .swapped(let seq, let migrated):
            object["outcome"] = "swapped"
            object["migrated"] = .bool(migrated)
            object["seq"] = seq.map { .int(Int64(clamping: $0)) }
        case .passedOver: object["outcome"] = "passed_over"
        case .refused(let failure):
            object["outcome"] = "refused"
            object["error"] = [
                "code": .string(failure.code), "message": .string(failure.message), "details": failure.details,
            ]
        }
        return .object(object)
    }
}

extension RecipeProblem {
    /// `{file, line, message, source}`.
    var json: Value {
        var object: Object = ["file": .string(file), "message": .string(message)]
        object["line"] = line.map { .int(Int64($0)) }
        object["source"] = source.map { .string($0) }
        return .object(object)
    }
}
