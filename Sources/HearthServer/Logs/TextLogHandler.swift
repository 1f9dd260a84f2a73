import Logging

/// `2026-01-31T12:00:00.000Z info  socket closed room=lobby code=4408 cause="no join in time"`
struct TextLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let isColoured: Bool

    init(level: Logger.Level, isColoured: Bool) {
        logLevel = level
        self.isColoured = isColoured
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = LogLine.fields(metadata, event.metadata ?? [:])
        LogLine.write(Array(text(event.level, "\(event.message)", fields, at: LogLine.time()).utf8))
    }

    func text(_ level: Logger.Level, _ message: String, _ fields: [(String, String)], at time: String) -> String {
        let word = level.rawValue + String(repeating: " ", count: max(0, 7 - level.rawValue.count))
        let tail = fields.map { " \(dim($0.0 + "="))\(Self.quoted($0.1))" }.joined()
        return "\(dim(time)) \(coloured(word, level)) \(Self.onOneLine(message))\(tail)\n"
    }

    /// Quotes where a space or an odd character would make the line ambiguous; a line stays one line.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
        return isPlain ? text : "\"\(onOneLine(text).replacingQuotes)\""
    }

    private static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar {
            case "\n": line += "\\n"
            case _ where scalar.isControl: line += " "
            default: line.unicodeScalars.append(scalar)
            }
        }
    }

    private func dim(_ text: String) -> String { isColoured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    private func coloured(_ text: String, _ level: Logger.Level) -> String {
        guard isColoured else { return text }
        let colour =
            switch level {
            case .trace, .debug: "90"
            case .info, .notice: "36"
            case .warning: "33"
            case .error, .critical: "31"
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}

extension String {
    fileprivate var replacingQuotes: String {
        // By scalars: a quote with an accent on it is a character of its own.
        unicodeScalars.reduce(into: "") { line, scalar in
            if scalar == "\"" { line += "\\" }
            line.unicodeScalars.append(scalar)
        }
    }
}
