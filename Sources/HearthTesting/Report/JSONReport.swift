import HearthValues

/// One JSON object per line: a `test` for each test, a `file` for each that is broken, at the end a `summary`.
struct JSONReport: SpecReport {
    private var counts = SpecCounts()

    mutating func began(file: String) -> String { "" }

    mutating func ended(_ result: SpecResult, ms: Double) -> String {
        counts.count(result.status)
        var object: Object = [
            "type": "test", "name": .string(result.name), "path": texts(result.path),
            "status": .string(result.status.rawValue), "file": .string(result.file), "line": .int(Int64(result.line)),
            "ms": .double((ms * 1000).rounded() / 1000),
        ]
        object["message"] = result.message.map { .string($0) }
        object["expected"] = result.expected.map { .string($0) }
        object["actual"] = result.actual.map { .string($0) }
        if !result.story.isEmpty { object["story"] = texts(result.story) }
        return line(object)
    }

    mutating func failed(file: String, line number: Int?, message: String) -> String {
        counts.broken += 1
        var object: Object = ["type": "file", "file": .string(file), "message": .string(message)]
        object["line"] = number.map { .int(Int64($0)) }
        return line(object)
    }

    mutating func finished(ms: Double) -> String {
        line([
            "type": "summary", "passed": .int(Int64(counts.passed)), "failed": .int(Int64(counts.failed)),
            "pending": .int(Int64(counts.pending)), "broken": .int(Int64(counts.broken)),
            "ms": .double((ms * 1000).rounded() / 1000),
        ])
    }

    private func texts(_ texts: [String]) -> Value { .list(List(texts.map { .string($0) })) }
    private func line(_ object: Object) -> String { JSON.text(.object(object)) + "\n" }
}
