import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues

extension Failure {
    static func impossible(_ what: String) -> Failure {
        Failure(code: "handler_failed", message: "internal: \(what)", retryable: false, details: .null)
    }

    init(internal error: any Error) {
        self = .impossible("\(error)")
    }

    /// A derived cell could not be brought up to date: the event that would have led there fails.
    init(derived error: DerivedError) {
        self.init(code: "handler_failed", message: error.message, retryable: false, details: .null)
    }

    init(conflict: Conflict, recipe: Recipe, seq: UInt64, basis: UInt64, runs: Int) {
        let place = conflict.cell + conflict.pointer.description
        self.init(
            code: "conflict",
            message: conflict.cell.isEmpty
                ? "the room has moved on too far since seq \(basis) to tell what changed"
                : "`\(place)` has changed since seq \(basis)",
            retryable: true,
            details: .object([
                "cell": .string(conflict.cell), "path": .string(conflict.pointer.description),
                "expected": conflict.expected ?? .null, "actual": conflict.actual ?? .null,
                "basis": .int(Int64(clamping: basis)), "seq": .int(Int64(clamping: seq)), "runs": .int(Int64(runs)),
                "read_at": recipe.place(conflict.readAt).map { .string("\(recipe.name)/\($0)") } ?? .null,
                "by": conflict.winner.json,
            ]))
    }

    static func limit(_ kind: String, _ limit: Int, _ message: String) -> Failure {
        Failure(
            code: "budget_exceeded", message: "\(message); the limit is \(limit) \(kind)", retryable: false,
            details: .object(["kind": .string(kind), "limit": .int(Int64(limit))]))
    }
}

extension CommitInfo {
    var json: Value {
        .object([
            "event": event.map(Value.string) ?? .null, "handler": handler.map(Value.string) ?? .null,
            "participant": participant.map(Value.string) ?? .null,
        ])
    }
}

extension Conflict {
    /// As facts keep it; keys in canonical order. `line` is 0, and there is no `file`, when the place is unknown.
    func json(of recipe: Recipe) -> Value {
        let place = recipe.place(readAt)
        var object: Object = [
            "actual": actual ?? .null, "by": winner.json, "cell": .string(cell), "expected": expected ?? .null,
            "line": .int(Int64(place?.line ?? 0)), "path": .string(pointer.description),
            "seq": .int(Int64(clamping: winnerSeq)),
        ]
        if let place { object["file"] = .string(place.file) }
        return .object(object)
    }
}

extension FinishedWait {
    /// As facts keep it, so that the event can be run again; keys in canonical order. There is no `answer` when nobody
    /// answered: that is nil to the handler, and not the null that somebody may answer.
    var json: Value {
        switch wait {
        case .sleep(let ms): return .object(["sleep": .int(ms)])
        case .ask(let session, let name, let data, let timeoutMs):
            var object: Object = [
                "ask": .string(name), "data": data, "of": .string(session), "timeout": .int(timeoutMs),
            ]
            object["answer"] = answer
            return .object(object)
        }
    }
}
