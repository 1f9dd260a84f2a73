import Testing

/// Documents rot where they name things. These tests follow the names.
@Suite("Documents name things that exist")
struct DocumentTests {
    static let documents = [
        "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Docs/README.md", "Docs/getting-started.md",
        "Docs/identity.md", "Docs/protocol.md", "Docs/recipes.md", "Docs/hot-reload.md", "Docs/testing-recipes.md",
        "Docs/operations.md", "Docs/storage.md", "Docs/performance.md", "Docs/reference.md", "Docs/errors.md",
        "Docs/checking-recipes.md", "Docs/guide.md",
    ]

    @Test(arguments: documents)
    func `every link to a file leads somewhere`(document: String) throws {
        let folder = document.contains("/") ? "Docs/" : ""
        for link in try Repository.text(document).matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/) {
            let target = String(link.output.1)
            #expect(Repository.exists(folder + target), "\(document) links to \(target)")
        }
    }

    @Test(arguments: documents)
    func `every file under Sources or Tests that is named exists`(document: String) throws {
        for name in try Repository.text(document).matches(of: /`((?:Sources|Tests|Scripts|Docs)\/[\w\-.\/]+)`/) {
            #expect(Repository.exists(String(name.output.1)), "\(document) names \(name.output.1)")
        }
    }
}
