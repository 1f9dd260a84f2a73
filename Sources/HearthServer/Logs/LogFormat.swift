package import Logging
import Synchronization

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, fields.
    case text
    /// For machines: one JSON object per line.
    case json

    /// A handler that writes to standard error, in colours where that is a terminal.
    package func handler(label: String, level: Logger.Level) -> any LogHandler {
        switch self {
        case .text: TextLogHandler(level: level, isColoured: LogLine.isTerminal)
        case .json: JSONLogHandler(label: label, level: level)
        }
    }

    /// Makes this the format of all loggers. Call once, at the start of the process.
    package func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { handler(label: $0, level: level) }
    }
}
