import Foundation
import HearthLua
import HearthRecipes
import HearthTesting
import HearthWorkbench
import Testing

@Suite("What editors and the reference say is what the engine has")
struct EditorFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func committed(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test(arguments: EditorFiles.all.map(\.path))
    func `what is committed is what is made`(path: String) throws {
        let made = try #require(EditorFiles.all.first { $0.path == path }?.text)
        #expect(try committed("Recipes/\(path)") == made, "run `hearth meta Recipes`")
    }

    @Test func `luacheck of the repository is that of the recipes`() throws {
        #expect(try committed(".luacheckrc") == committed("Recipes/.luacheckrc"), "copy Recipes/.luacheckrc")
    }

    @Test func `the reference too`() throws {
        #expect(
            try committed("Docs/reference.md") == Reference.text, "run `hearth meta --reference > Docs/reference.md`")
    }

    @Test func `every stub is Lua`() throws {
        for (path, text) in EditorFiles.all where path.hasSuffix(".lua") {
            _ = try LuaVM(modules: [.init(path: path, text: text)])
        }
    }

    @Test func `the types are found by the name that recipes require them by`() throws {
        let types = try #require(EditorFiles.all.first { $0.path == "_meta/types.lua" }?.text)
        #expect(types.hasPrefix("---@meta hearth.types\n") && types.hasSuffix("\nreturn t\n"))
    }

    @Test func `a recipe's cells become classes`() throws {
        let text = """
            local t = require "hearth.types"
            return recipe { name = "x", version = 1,
              cells = { user = t.object { name = t.string() } :per "session",
                said = t.list(t.object { by = t.link "user", mood = t.enum { "glad", "sad" } }) },
              derived = { count = t.count "said" },
              handlers = { say = { data = t.object { text = t.string() }, run = function() end } } }
            """
        let stubs = CellStubs.text(of: try RecipeRuntime(RecipeSource(name: "x", text: text)).recipe)
        for line in [
            "---@class hearth.x.said : hearth.List", "---@field [integer] hearth.x.said.item",
            "---@field by hearth.x.user", "---@field mood \"glad\"|\"sad\"|hearth.Scalar", "---@class hearth.x.Cells",
            "---@field said hearth.x.said", "---@field count any", "---@alias hearth.x.data.say {text: string}",
        ] {
            #expect(stubs.contains(line + "\n"), "\(line) in\n\(stubs)")
        }
    }

    @Test func `functions that a table documents are there`() {
        let all = Set(
            SandboxSurface.functions
                + SandboxSurface.libraries.flatMap { library in library.value.map { "\(library.key).\($0)" } })
        for function in SandboxSurface.own + SandboxSurface.changed {
            #expect(all.contains(function.name), "\(function.name)")
        }
        for name in SandboxSurface.absent.keys { #expect(!all.contains(name), "\(name) is there") }
    }
}

@Suite("The spec vocabulary is what a spec finds")
struct SpecSurfaceTests {
    /// A spec that looks for every word.
    @Test func `every word is there`() throws {
        let globals = SpecSurface.globals.map { "assert.is_not_nil(\($0.name))" }
        let room = (SpecSurface.roomMethods.map(\.name) + SpecSurface.roomFields.map(\.name))
            .map { "assert.is_not_nil(room.\($0))" }
        // `try` and such are names like any other; `closed` is nil while the participant is in.
        let participant = (SpecSurface.participantMethods.map(\.name) + SpecSurface.participantFields.map(\.name))
            .filter { $0 != "closed" }.map { "assert.is_not_nil(ann.\($0))" }
        let checks = SpecSurface.assertions.map { "assert.is_function(assert.\($0.name))" }
        let spec = """
            it("has every word", function()
              local room = hearth.room("x")
              local ann = room:join { name = "Ann" }
              \((globals + room + participant + checks).joined(separator: "\n  "))
              assert.has_error(function() return room.no_such end)
              assert.has_error(function() return ann.no_such end)
            end)
            """
        var results: [SpecResult] = []
        var run = SpecRun(path: "x_spec.lua", text: spec, options: .init()) { name in
            RecipeSource(name: name, text: "return recipe { name = \"x\", version = 1, cells = {}, handlers = {} }")
        }
        run.onResult = { results.append($0) }
        try run.run()
        #expect(results.map(\.status) == [.passed], "\(results.map { $0.message ?? "" })")
    }
}
