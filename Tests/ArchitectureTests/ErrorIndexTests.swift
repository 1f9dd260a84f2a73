import Foundation
import HearthWorkbench
import Testing

/// `Docs/errors.md` explains every code; a code that it lacks, or that is gone, fails here.
@Suite("The index of errors is complete")
struct ErrorIndexTests {
    private func codes(under heading: String) throws -> Set<String> {
        let text = try Repository.text("Docs/errors.md")
        let start = try #require(text.range(of: "## \(heading)"))
        let rest = text[start.upperBound...]
        let section = rest.range(of: "\n## ").map { rest[..<$0.lowerBound] } ?? rest
        return Set(section.matches(of: /(?m)^\| `([\w\-]+)` \|/).map { String($0.output.1) })
    }

    @Test func `of hearth check`() throws {
        #expect(try codes(under: "What `hearth check` finds") == Set(Finding.Code.allCases.map(\.rawValue)))
        let text = try Repository.text("Docs/errors.md")
        for code in Finding.Code.allCases {
            let line = text.split(separator: "\n").first { $0.hasPrefix("| `\(code.rawValue)` |") }
            #expect((line?.contains("(warning)") == true) == (code.severity == .warning), "\(code.rawValue)")
        }
    }

    /// Codes are written `code: "…"` where they are made.
    @Test func `of events and requests`() throws {
        let known = try codes(under: "What an event is answered").union(
            codes(under: "What the server refuses over HTTP"))
        for file in try Repository.swiftFiles(in: "Sources") where !file.path.hasPrefix("Sources/HearthTesting") {
            for line in file.code {
                for match in line.text.matches(of: /\bcode: "([a-z_]+)"/) {
                    let code = String(match.output.1)
                    #expect(
                        known.contains(code),
                        "\(file.path):\(line.number): \(code) is not in Docs/errors.md: add its cause and remedy")
                }
            }
        }
    }
}
