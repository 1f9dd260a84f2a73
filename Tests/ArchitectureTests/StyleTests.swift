import Testing

/// The rules of CONTRIBUTING.md that a machine can check and the formatter does not.
@Suite("The sources keep to the house style")
struct StyleTests {
    static let sources = (try? Repository.swiftFiles(in: "Sources")) ?? []
    static let tests = (try? Repository.swiftFiles(in: "Tests")) ?? []

    /// From values to rooms: no clock, no threads of control of their own, no Foundation.
    static let core = [
        "HearthValues", "HearthCells", "HearthTransactions", "HearthLua", "HearthLuaSyntax", "HearthRecipes",
        "HearthRooms",
    ]

    static let linesMax = 800
    static let linesOfALongFile = 400

    @Test func `the sources are found`() {
        #expect(Self.sources.count > 10)
    }

    @Test(arguments: [
        ("try!", "throw, or prove it and handle the rest"),
        ("as!", "use as? and say what happens otherwise"),
        ("fatalError(", "input must not stop the server; use precondition for what only a bug can break"),
    ])
    func `nothing in the sources`(forbidden: String, instead: String) {
        for file in Self.sources {
            for line in file.code where line.text.contains(forbidden) {
                Issue.record("\(file.path):\(line.number) has \(forbidden) - \(instead)")
            }
        }
    }

    @Test func `unchecked Sendable says why`() {
        for file in Self.sources {
            for line in file.code where line.text.contains("@unchecked Sendable") {
                let near = file.lines[max(0, line.number - 9)..<min(file.lines.count, line.number + 2)]
                #expect(
                    near.contains { $0.contains("// @unchecked because") },
                    "\(file.path):\(line.number) needs a line `// @unchecked because ...` beside it")
            }
        }
    }

    @Test func `nonisolated unsafe says why`() {
        for file in Self.sources {
            for line in file.code where line.text.contains("nonisolated(unsafe)") {
                let above = file.lines[max(0, line.number - 4)..<(line.number - 1)]
                #expect(above.contains { $0.contains("//") }, "\(file.path):\(line.number) does not say why it is safe")
            }
        }
    }

    @Test(arguments: core)
    func `the core is synchronous`(module: String) throws {
        for file in try Repository.swiftFiles(in: "Sources/\(module)") {
            for line in file.code {
                #expect(
                    line.text.firstMatch(of: /\bawait\b|\bTask\s*\{|\bTask\.|^\s*(?:package |public )?actor\b/) == nil,
                    "\(file.path):\(line.number): the data plane has no await, no Task and no actor")
            }
        }
    }

    @Test func `no file is too long and few are long`() {
        for file in Self.sources + Self.tests {
            #expect(
                file.lines.count <= Self.linesMax,
                "\(file.path) has \(file.lines.count) lines, more than \(Self.linesMax): give each subject its own file"
            )
        }
        let long = Self.sources.filter { $0.lines.count > Self.linesOfALongFile }
        #expect(
            long.count * 10 <= max(Self.sources.count, 30),
            "more than a tenth of the files is longer than \(Self.linesOfALongFile) lines: \(long.map(\.path))")
    }

    @Test func `tests await facts instead of sleeping`() {
        for file in Self.tests where !file.path.hasPrefix("Tests/ArchitectureTests/") {
            for line in file.code {
                #expect(
                    line.text.firstMatch(of: /\b(?:usleep|sleep|nanosleep)\(|Task\.sleep/) == nil,
                    "\(file.path):\(line.number) sleeps")
            }
        }
    }
}
