import HearthLua

/// Which lines of recipes ran, for people and for programs.
package struct CoverageReport {
    private let files: [SpecLedger.CoveredFile]
    /// Where a file of a recipe lies on disk.
    private let path: (SpecLedger.CoveredFile) -> String

    package init(_ files: [SpecLedger.CoveredFile], path: @escaping (SpecLedger.CoveredFile) -> String) {
        self.files = files
        self.path = path
    }

    /// Of all lines with code, how many ran, in per cent; 100 when there is none.
    package var percent: Double {
        Self.percent(files.reduce(0) { $0 + $1.linesRun }, of: files.reduce(0) { $0 + $1.counts.count })
    }

    /// A line for each file, and one for all.
    package var summary: String {
        var text = "\nLines that ran\n"
        for file in files {
            let missed = Self.ranges(file.missed)
            text += Self.row(file.linesRun, file.counts.count) + path(file)
            text += missed.isEmpty ? "\n" : "  not \(missed.joined(separator: ", "))\n"
        }
        if files.count > 1 {
            text +=
                Self.row(files.reduce(0) { $0 + $1.linesRun }, files.reduce(0) { $0 + $1.counts.count }) + "in all\n"
        }
        return text
    }

    /// Each file's source with a count before every line with code.
    package func annotated(_ mark: (String) -> String) -> String {
        files.map { file in
            let lines = file.file.text.split(separator: "\n", omittingEmptySubsequences: false)
            let shown = zip(1..., lines).map { number, line in
                guard let count = file.counts[number] else { return "         │ \(line)" }
                let row = "\(Self.padded(count == 0 ? "never" : "\(count)×", to: 8)) │ \(line)"
                return count == 0 ? mark(row) : row
            }
            return "\n\(path(file))\n" + shown.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// As `genhtml` and editors read it.
    package var lcov: String {
        files.map { file in
            let lines = file.counts.sorted { $0.key < $1.key }.map { "DA:\($0.key),\($0.value)\n" }.joined()
            return "TN:\nSF:\(path(file))\n\(lines)LF:\(file.counts.count)\nLH:\(file.linesRun)\nend_of_record\n"
        }.joined()
    }

    private static func percent(_ part: Int, of all: Int) -> Double {
        all == 0 ? 100 : (Double(part) * 1000 / Double(all)).rounded(.down) / 10
    }

    private static func row(_ part: Int, _ all: Int) -> String {
        "  " + padded("\(percent(part, of: all)) %", to: 8) + padded("\(part) of \(all)", to: 14) + "  "
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// `3`, `5-9`.
    private static func ranges(_ lines: [Int]) -> [String] {
        var ranges: [ClosedRange<Int>] = []
        for line in lines {
            if let last = ranges.last, last.upperBound == line - 1 {
                ranges[ranges.count - 1] = last.lowerBound...line
            } else {
                ranges.append(line...line)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    }
}
