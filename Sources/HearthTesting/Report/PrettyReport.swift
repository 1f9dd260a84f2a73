/// For people: the sentences of each file, then what failed and why.
struct PrettyReport: SpecReport {
    private let coloured: Bool
    private var counts = SpecCounts()
    private var files = 0
    /// The names that the last test stood in.
    private var open: [String] = []
    private var failures: [String] = []

    init(coloured: Bool) { self.coloured = coloured }

    mutating func began(file: String) -> String {
        files += 1
        open = []
        return (files > 1 ? "\n" : "") + paint(file, .dim) + "\n"
    }

    mutating func ended(_ result: SpecResult, ms: Double) -> String {
        counts.count(result.status)
        var text = heading(Array(result.path.dropLast()))
        let indent = String(repeating: "  ", count: result.path.count)
        let name = result.path.last ?? ""
        switch result.status {
        case .passed: text += "\(indent)\(paint("ok", .green)) \(name)"
        case .failed: text += "\(indent)\(paint("FAILED", .red)) \(name)"
        case .pending: text += "\(indent)\(paint("pending", .yellow)) \(name)"
        }
        if result.status == .pending, let reason = result.message { text += ": \(reason)" }
        if ms >= 200 { text += paint("  \(Int(ms)) ms", .dim) }
        if result.status == .failed { failures.append(account(of: result)) }
        return text + "\n"
    }

    mutating func failed(file: String, line: Int?, message: String) -> String {
        counts.broken += 1
        let place = line.map { "\(file):\($0)" } ?? file
        failures.append("\(paint(place, .bold))\n" + indented(message.split(separator: "\n").map(String.init)))
        return "  \(paint("FAILED", .red)) the file could not be run to its end\n"
    }

    mutating func finished(ms: Double) -> String {
        var text = failures.isEmpty ? "" : "\n" + failures.joined(separator: "\n")
        var parts = ["\(counts.passed) passed"]
        if counts.failed > 0 { parts.append(paint("\(counts.failed) failed", .red)) }
        if counts.broken > 0 {
            parts.append(paint("\(counts.broken) \(counts.broken == 1 ? "file" : "files") broken", .red))
        }
        if counts.pending > 0 { parts.append("\(counts.pending) pending") }
        let seconds = Double(Int(ms / 10)) / 100
        text += "\n\(parts.joined(separator: ", ")) in \(seconds) s\n"
        return text
    }

    private mutating func heading(_ path: [String]) -> String {
        let shared = zip(open, path).prefix { $0 == $1 }.count
        open = path
        return path.enumerated().dropFirst(shared).map {
            String(repeating: "  ", count: $0.offset + 1) + $0.element + "\n"
        }.joined()
    }

    private func account(of result: SpecResult) -> String {
        var text = "\(paint(result.place, .bold))  \(result.name)\n"
        if let source = result.source { text += paint("    \(source)\n", .dim) }
        let lines = result.explanation.map { line in
            if line.hasPrefix("- ") || line.hasPrefix("expected  ") { return paint(line, .green) }
            if line.hasPrefix("+ ") || line.hasPrefix("actual    ") { return paint(line, .red) }
            return line
        }
        return text + indented(lines)
    }

    private func indented(_ lines: [String]) -> String { lines.map { "    \($0)\n" }.joined() }

    private enum Colour: String {
        case red = "31", green = "32", yellow = "33", dim = "2", bold = "1"
    }

    private func paint(_ text: String, _ colour: Colour) -> String {
        coloured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
