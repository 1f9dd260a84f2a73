import Foundation
import HearthRecipes
import Testing

@testable import HearthServer

@Suite("Versions of recipes that are kept")
final class RecipeArchiveTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)")
    deinit { try? FileManager.default.removeItem(at: folder) }

    private var archive: RecipeArchive { RecipeArchive(folder: folder.path) }

    private func source(_ text: String) -> RecipeSource {
        RecipeSource(
            name: "r", files: [.init(path: "recipe.lua", text: text), .init(path: "parts/one.lua", text: "return 1")])
    }

    private func keep(_ text: String, _ version: Int64, _ cause: RecipeArchive.Record.Cause = .save) throws {
        try archive.keep(source(text), version: version, at: 1_000 + version, by: "test", cause: cause)
    }

    @Test("come back as they were, modules and all")
    func comeBack() throws {
        try keep("a", 1)
        try keep("a", 1)
        try keep("b", 2)
        let history = archive.history(of: "r")
        #expect(history.map(\.version) == [1, 2] && history.map(\.at) == [1_001, 1_002])
        #expect(archive.source(history[0]) == source("a"))
        #expect(archive.source(of: "r") { $0.version == 2 } == source("b"))
        #expect(archive.history(of: "other").isEmpty)
    }

    @Test("lead back one after another")
    func previous() throws {
        try keep("a", 1)
        try keep("b", 2)
        try keep("c", 3)
        let c = source("c").hash
        let b = try #require(archive.previous(of: "r", running: c))
        #expect(b.version == 2)
        // After going back once, back again is one further.
        try archive.keep(source("b"), version: 2, at: 1, by: "test", cause: .rollback, shadows: c)
        #expect(archive.previous(of: "r", running: b.hash)?.version == 1)
        #expect(archive.previous(of: "r", running: source("a").hash) == nil)
    }

    @Test("are not what they were when somebody edits them there")
    func edited() throws {
        try keep("a", 1)
        let record = try #require(archive.history(of: "r").first)
        let file = folder.appending(path: "r/000001-\(record.hash)/recipe.lua")
        try "b".write(to: file, atomically: true, encoding: .utf8)
        #expect(archive.source(record) == nil)
    }

    @Test("go, the oldest first, beyond their number")
    func limited() throws {
        for number in 0..<(RecipeArchive.versionsMax + 5) { try keep("text \(number)", Int64(number) + 1) }
        let history = archive.history(of: "r")
        #expect(history.count == RecipeArchive.versionsMax)
        #expect(history.last?.version == Int64(RecipeArchive.versionsMax) + 5 && history.first?.version == 6)
    }

    @Test("can be gone back to while no server runs")
    func offline() throws {
        #expect(throws: ServerError.self) { try archive.rollBack("r", by: "test") }
        try keep("a", 1)
        #expect(throws: ServerError.self) { try archive.rollBack("r", by: "test") }
        try keep("b", 2)
        let (to, from) = try archive.rollBack("r", by: "test")
        #expect(to.version == 1 && from.version == 2)
        #expect(archive.history(of: "r").last?.shadows == source("b").hash)
    }
}
