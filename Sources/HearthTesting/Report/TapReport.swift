/// The Test Anything Protocol, version 13: one line for each test, the plan at the end.
struct TapReport: SpecReport {
    private var number = 0

    mutating func began(file: String) -> String { number == 0 ? "TAP version 13\n# \(file)\n" : "# \(file)\n" }

    mutating func ended(_ result: SpecResult, ms: Double) -> String {
        number += 1
        // `#` begins a directive.
        let name = result.name.replacing("#", with: "\\#")
        switch result.status {
        case .passed: return "ok \(number) - \(name)\n"
        case .pending: return "ok \(number) - \(name) # TODO \(result.message ?? "pending")\n"
        case .failed:
            return "not ok \(number) - \(name)\n" + comment(["at \(result.place)"] + result.explanation)
        }
    }

    mutating func failed(file: String, line: Int?, message: String) -> String {
        number += 1
        let place = line.map { "\(file):\($0)" } ?? file
        return "not ok \(number) - \(place)\n" + comment(message.split(separator: "\n").map(String.init))
    }

    mutating func finished(ms: Double) -> String { "1..\(number)\n" }

    private func comment(_ lines: [String]) -> String { lines.map { "#   \($0)\n" }.joined() }
}
