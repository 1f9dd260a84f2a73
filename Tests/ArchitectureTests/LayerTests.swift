import Testing

/// SwiftPM lets a file import any module that happens to be built. These tests do not: the table in `ARCHITECTURE.md`
/// is what may be imported, so a new arrow between modules is a change of that table, in sight of a reviewer.
@Suite("Modules keep to their layer")
struct LayerTests {
    static let modules = (try? Repository.folders(in: "Sources")) ?? []
    let table: ModuleTable

    init() throws {
        table = ModuleTable(markdown: try Repository.text("ARCHITECTURE.md"))
    }

    @Test(arguments: modules)
    func `a module imports only what its row in ARCHITECTURE.md allows`(module: String) throws {
        let row = try #require(table.row(of: module), "Sources/\(module) has no row in the table of ARCHITECTURE.md")
        #expect(!row.isPlanned, "\(module) is there: take the italics off its row")
        let allowed = table.allowed(for: module)
        for file in try Repository.swiftFiles(in: "Sources/\(module)") {
            for found in file.imports {
                #expect(
                    allowed.contains(found.module),
                    "\(file.path):\(found.number) imports \(found.module); \(module) may import \(allowed.sorted())")
            }
        }
    }

    @Test func `every row names a module that exists or is marked as planned`() {
        for row in table.rows where !row.isPlanned {
            #expect(Self.modules.contains(row.module), "\(row.module) stands in the table and not in Sources")
        }
    }

    @Test func `the table has no cycle`() {
        for row in table.rows {
            #expect(!table.allowed(for: row.module).contains(row.module), "\(row.module) would import itself")
        }
    }

    @Test func `a forbidden import is seen`() {
        let table = ModuleTable(
            markdown: """
                | module | one line | imports | outside | nothing |
                | --- | --- | --- | --- | --- |
                | `CLib` | c | | | |
                | `Low` `Side` | l | `CLib` | `libc` | |
                | `High` | h | `Low` | | |
                | *`Later`* | p | | | |
                """)
        #expect(table.allowed(for: "Low") == ["CLib", "Glibc", "Darwin", "Musl", "Swift", "Synchronization"])
        #expect(table.allowed(for: "High") == ["Low", "Swift", "Synchronization"])
        #expect(table.row(of: "Later")?.isPlanned == true)
        let file = SourceText(
            path: "x", text: "package import Low\n@testable import struct High.Thing\n// import Side\nlet x = 1")
        #expect(file.imports.map(\.module) == ["Low", "High"])
    }
}
