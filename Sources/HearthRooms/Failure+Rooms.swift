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

    static func limit(_ kind: String, _ limit: Int, _ message: String) -> Failure {
        Failure(
            code: "budget_exceeded", message: "\(message); the limit is \(limit) \(kind)", retryable: false,
            details: .object(["kind": .string(kind), "limit": .int(Int64(limit))]))
    }
}
