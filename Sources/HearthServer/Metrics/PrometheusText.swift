import HearthValues

/// Prometheus' text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String { case gauge, counter, histogram }

    private(set) var text = ""

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        head(name, kind, help)
        text += "hearth_\(name) \(value)\n"
    }

    /// One line for each label.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(String, Int)]) {
        head(name, kind, help)
        for (value, count) in values { text += "hearth_\(name){\(label)=\"\(escaped(value))\"} \(count)\n" }
    }

    /// Seconds, as Prometheus wants them.
    mutating func add(_ name: String, _ help: String, _ counts: Timing.Counts) {
        head(name, .histogram, help)
        var total = 0
        for (bound, count) in zip(Timing.bounds, counts.buckets) {
            total += count
            text += "hearth_\(name)_bucket{le=\"\(Double(bound) / 1e9)\"} \(total)\n"
        }
        text += "hearth_\(name)_bucket{le=\"+Inf\"} \(counts.count)\n"
        text += "hearth_\(name)_sum \(Double(counts.nanoseconds) / 1e9)\nhearth_\(name)_count \(counts.count)\n"
    }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP hearth_\(name) \(help)\n# TYPE hearth_\(name) \(kind.rawValue)\n"
    }

    private func escaped(_ label: String) -> String {
        label.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
