/// The XML that build servers read: a `testsuite` for each file. Written at the end, because it begins with counts.
struct JUnitReport: SpecReport {
    private struct Suite {
        var file: String
        var counts = SpecCounts()
        var ms = 0.0
        var cases = ""
    }
    private var suites: [Suite] = []

    mutating func began(file: String) -> String {
        suites.append(Suite(file: file))
        return ""
    }

    mutating func ended(_ result: SpecResult, ms: Double) -> String {
        guard !suites.isEmpty else { return "" }
        let last = suites.count - 1
        suites[last].counts.count(result.status)
        suites[last].ms += ms
        let suite = result.path.dropLast().joined(separator: " ")
        let start =
            "    <testcase classname=\"\(escaped(suite))\" name=\"\(escaped(result.path.last ?? ""))\""
            + " file=\"\(escaped(result.file))\" line=\"\(result.line)\" time=\"\(seconds(ms))\""
        switch result.status {
        case .passed: suites[last].cases += start + "/>\n"
        case .pending: suites[last].cases += start + "><skipped/></testcase>\n"
        case .failed:
            let text = ([result.place] + result.explanation).joined(separator: "\n")
            suites[last].cases +=
                start + "><failure message=\"\(escaped(result.message ?? ""))\">\(escaped(text))</failure></testcase>\n"
        }
        return ""
    }

    mutating func failed(file: String, line: Int?, message: String) -> String {
        guard !suites.isEmpty else { return "" }
        let place = line.map { "\(file):\($0)" } ?? file
        suites[suites.count - 1].counts.broken += 1
        suites[suites.count - 1].cases +=
            "    <testcase name=\"\(escaped(place))\"><error message=\"\(escaped(message))\"/></testcase>\n"
        return ""
    }

    mutating func finished(ms: Double) -> String {
        let body = suites.map { suite in
            let counts = suite.counts
            return "  <testsuite name=\"\(escaped(suite.file))\" tests=\"\(counts.all + counts.broken)\""
                + " failures=\"\(counts.failed)\" errors=\"\(counts.broken)\" skipped=\"\(counts.pending)\""
                + " time=\"\(seconds(suite.ms))\">\n\(suite.cases)  </testsuite>\n"
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites time=\"\(seconds(ms))\">\n"
            + body.joined() + "</testsuites>\n"
    }

    private func seconds(_ ms: Double) -> String { String((ms.rounded()) / 1000) }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            // XML 1.0 has no other control characters, not even escaped.
            case _ where scalar.value < 32 && scalar != "\t": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
