import Foundation
import NIOCore
import Testing

@testable import HearthServer

@Suite struct `A recipe's web files` {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)")
        let web = root.appending(path: "web")
        try FileManager.default.createDirectory(at: web.appending(path: "deep"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try Data("secret".utf8).write(to: root.appending(path: "recipe.js"))
        for name in ["page.js", ".hidden.js", "deep/a b.css", "notes.lua"] {
            try Data(name.utf8).write(to: web.appending(path: name))
        }
        try FileManager.default.createSymbolicLink(
            at: web.appending(path: "link.js"), withDestinationURL: root.appending(path: "recipe.js"))
        try body(web.path)
    }

    @Test func `are found below their folder`() throws {
        try withFolder { web in
            #expect(RecipeFiles.file(in: web, ["page.js"]).map { String(buffer: $0.bytes) } == "page.js")
            #expect(RecipeFiles.file(in: web, ["deep", "a b.css"])?.type == "text/css; charset=utf-8")
        }
    }

    @Test(arguments: [
        ["..", "recipe.js"], ["../recipe.js"], ["deep", "..", "..", "recipe.js"], ["..\\recipe.js"], [".hidden.js"],
        ["link.js"], ["notes.lua"], ["deep"], [], [""], ["page.js\0"], ["missing.js"], ["/etc/hosts.txt"],
    ]) func `are the only ones found`(segments: [String]) throws {
        try withFolder { web in #expect(RecipeFiles.file(in: web, segments).map { String(buffer: $0.bytes) } == nil) }
    }
}
