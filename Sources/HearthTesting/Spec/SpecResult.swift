/// How one test of a spec ended.
package struct SpecResult: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable { case passed, failed, pending }

    /// The names of what it stands in, outermost first, and its own.
    package var path: [String]
    package var status: Status
    /// The spec's file as it was given, and the line that failed, or where the test stands.
    package var file: String
    package var line: Int
    /// What went wrong, or why it is pending.
    package var message: String?
    /// Operands of an assertion that failed, as they would be written in Lua.
    package var expected: String?
    package var actual: String?
    /// The text of the line.
    package var source: String?
    /// How it came about, a line for each thing that happened.
    package var story: [String]

    package var name: String { path.joined(separator: " ") }

    package init(
        path: [String], status: Status, file: String, line: Int, message: String? = nil, expected: String? = nil,
        actual: String? = nil, source: String? = nil, story: [String] = []
    ) {
        self.path = path
        self.status = status
        self.file = file
        self.line = line
        self.message = message
        self.expected = expected
        self.actual = actual
        self.source = source
        self.story = story
    }
}
