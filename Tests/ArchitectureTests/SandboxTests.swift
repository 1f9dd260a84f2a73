import Foundation
import HearthLua
import Testing

/// `.luacheckrc` tells authors and editors what a recipe finds; the sandbox decides what it really finds.
@Suite("luacheck knows exactly the sandbox")
struct SandboxTests {
    private func names(in section: String) throws -> Set<String> {
        let text = try Repository.text(".luacheckrc")
        let start = try #require(text.range(of: "stds.\(section) = {"))
        let end = try #require(text[start.upperBound...].range(of: "\n}"))
        let body = text[start.upperBound..<end.lowerBound]
        let quoted = body.matches(of: /"(\w+)"/).map { String($0.output.1) }
        let tables = body.matches(of: /(?m)^    (\w+) = \{/).map { String($0.output.1) }
        return Set(quoted + tables)
    }

    @Test func `every name of the sandbox and no other`() throws {
        let fields = SandboxSurface.libraries.values.flatMap { $0 }
        let sandbox = Set(SandboxSurface.functions + SandboxSurface.libraries.keys + fields)
        let known = try names(in: "hearth")
        #expect(known.subtracting(sandbox).sorted() == [])
        #expect(sandbox.subtracting(known).sorted() == [])
    }
}
