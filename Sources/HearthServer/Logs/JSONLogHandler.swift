import HearthValues
import Logging

/// One JSON object per line: `time`, `level`, `logger`, `message`, and every field by its name.
struct JSONLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let label: String

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = LogLine.fields(metadata, event.metadata ?? [:])
        LogLine.write(line(event.level, "\(event.message)", fields, at: LogLine.time()))
    }

    func line(_ level: Logger.Level, _ message: String, _ fields: [(String, String)], at time: String) -> [UInt8] {
        var sink = ByteSink()
        sink.append("{\"time\":")
        sink.appendJSONString(time)
        sink.append(",\"level\":")
        sink.appendJSONString(level.rawValue)
        sink.append(",\"logger\":")
        sink.appendJSONString(label)
        sink.append(",\"message\":")
        sink.appendJSONString(message)
        for (name, value) in fields where !["time", "level", "logger", "message"].contains(name) {
            sink.append(",")
            sink.appendJSONString(name)
            sink.append(":")
            sink.appendJSONString(value)
        }
        sink.append("}\n")
        return sink.bytes
    }
}
