/// What `hearth test` says: told of everything as it happens, it answers with what is to be written at once.
package protocol SpecReport {
    mutating func began(file: String) -> String
    /// - Parameter ms: how long the test took, in milliseconds.
    mutating func ended(_ result: SpecResult, ms: Double) -> String
    /// A file that could not be read or run to its end.
    mutating func failed(file: String, line: Int?, message: String) -> String
    mutating func finished(ms: Double) -> String
}

/// The names of `--output`.
package enum SpecOutput: String, Sendable, CaseIterable {
    case pretty, tap, junit, json

    /// - Parameter coloured: whether a terminal reads it; only `pretty` has colours.
    package func report(coloured: Bool) -> any SpecReport {
        switch self {
        case .pretty: PrettyReport(coloured: coloured)
        case .tap: TapReport()
        case .junit: JUnitReport()
        case .json: JSONReport()
        }
    }
}

/// How many tests ended how.
package struct SpecCounts: Sendable, Hashable {
    package var passed = 0
    package var failed = 0
    package var pending = 0
    /// Files that could not be run to their end.
    package var broken = 0

    package init() {}

    package mutating func count(_ status: SpecResult.Status) {
        switch status {
        case .passed: passed += 1
        case .failed: failed += 1
        case .pending: pending += 1
        }
    }

    package var all: Int { passed + failed + pending }
    package var isGood: Bool { failed == 0 && broken == 0 }
}

extension SpecResult {
    /// What went wrong in plain lines: the message, the operands, the story.
    var explanation: [String] {
        var lines = (message ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let expected, let actual { lines += Difference.lines(expected: expected, actual: actual) }
        return lines + story
    }

    var place: String { "\(file):\(line)" }
}
