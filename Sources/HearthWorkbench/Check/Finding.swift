package import HearthValues

/// Something that is wrong with a recipe, or looks as if it were.
package struct Finding: Sendable, Hashable {
    package enum Severity: String, Sendable { case error, warning }

    /// What kind of thing it is; `Docs/errors.md` explains each.
    package enum Code: String, Sendable, CaseIterable {
        case syntax
        case declaration
        case unknownGlobal = "unknown-global"
        case globalWrite = "global-write"
        case moduleState = "module-state"
        case unknownCell = "unknown-cell"
        case unknownField = "unknown-field"
        case unknownMethod = "unknown-method"
        case unknownContext = "unknown-ctx"
        case unknownHandler = "unknown-handler"
        case missingArgument = "missing-argument"
        case missingField = "missing-field"
        case wrongType = "wrong-type"
        case derivedWrite = "derived-write"
        case derivedCycle = "derived-cycle"
        case wait = "wait"
        case mergePolicy = "merge-policy"
        case conflictPolicy = "conflict-policy"
        case pattern = "pattern"
        case loadTime = "load-time"
        case version = "version"
        case takenName = "taken-name"
        case unusedCell = "unused-cell"
        case noSchema = "no-schema"
        case slowPattern = "slow-pattern"
        case timeAsID = "time-as-id"
        case readThenSet = "read-then-set"
        case staleValue = "stale-value"
        case staleTimer = "stale-timer"
        case lostLink = "lost-link"
        case unguarded

        /// What would fail, or lose something, is an error; what is legal and rarely meant is a warning.
        package var severity: Severity {
            switch self {
            case .unusedCell, .noSchema, .slowPattern, .timeAsID, .readThenSet, .conflictPolicy, .staleValue,
                .staleTimer,
                .lostLink, .unguarded:
                .warning
            default: .error
            }
        }
    }

    package var code: Code
    /// Relative to the recipe's folder.
    package var file: String
    /// From 1; nil when no line is to blame.
    package var line: Int?
    /// In bytes from 1; nil when only the line is known.
    package var column: Int?
    package var message: String
    /// What would be right.
    package var suggestion: String?
    /// The text of the line.
    package var source: String?

    /// - Parameter message: who has the name already.
    package static func takenName(_ message: String) -> Finding {
        Finding(
            code: .takenName, file: "", line: nil, message: message,
            suggestion: "give one of them another name, or remove it")
    }

    package var severity: Severity { code.severity }

    /// - Parameter path: the file as the reader finds it.
    package func json(path: String) -> Value {
        var object: Object = [
            "file": .string(path), "severity": .string(severity.rawValue), "code": .string(code.rawValue),
            "message": .string(message),
        ]
        object["line"] = line.map { .int(Int64($0)) }
        object["column"] = column.map { .int(Int64($0)) }
        object["suggestion"] = suggestion.map { .string($0) }
        object["source"] = source.map { .string($0) }
        return .object(object)
    }
}
