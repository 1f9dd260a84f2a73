import HearthRecipes
import HearthValues
import Testing

@testable import HearthTesting

/// What `explore` finds without an assertion that asks for it.
@Suite("Exploring finds what nobody asserted")
struct FaultFindingTests {
    private static func recipe(cells: String, _ body: String) -> String {
        """
        local t = require "hearth.types"
        return recipe {
          name = "tally", version = 1,
          cells = { \(cells) },
        \(body)
        }
        """
    }

    private static func explored(_ recipe: String, _ body: String) throws -> SpecResult? {
        try SpecTrial(
            """
            it("goes well", function()
              explore({ runs = 60, seed = 3 }, function(room)
                local a, b = room:join { name = "Ann" }, room:join { name = "Bob" }
                \(body)
              end)
            end)
            """, recipes: ["tally": recipe]
        ).failure
    }

    @Test func `a handler that goes by how often it ran is found though its sender does not ask`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "n = t.integer { default = 0 }",
                """
                  handlers = {
                    pay = function(cells, _, ctx)
                      if ctx.runs == 1 then
                        cells.n:increment()
                      end
                    end,
                  },
                """), "a:try('pay')")
        #expect(
            failure?.message?.contains("`pay` is no function of its event") == true, "\(String(describing: failure))")
        #expect(failure?.story.contains("recipe.lua:8: cells.n:increment()") == true, "\(String(describing: failure))")
    }

    @Test func `what is logged may tell runs apart`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "n = t.integer { default = 0 }",
                "  handlers = { pay = function(cells, _, ctx) ctx.log('run ' .. ctx.runs) cells.n:increment() end },"),
            "a:try('pay')")
        #expect(failure == nil, "\(String(describing: failure))")
    }

    @Test func `code that fails is found though its sender only tries`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "names = t.map(t.string())",
                "  handlers = { greet = function(cells, data) return cells.names[data.who]:upper() end },"),
            "a:try('greet', { who = 'nobody' })")
        #expect(failure?.message?.hasPrefix("`greet` of Ann failed: handlers.greet: recipe.lua:5:") == true)
        #expect(failure?.story.last?.hasPrefix("recipe.lua:5: handlers = ") == true, "\(String(describing: failure))")
    }

    @Test func `a refusal that the recipe means is no fault`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "n = t.integer { default = 0 }",
                "  handlers = { pay = function(cells, _, ctx) ctx.fail('closed', 'not now') end },"),
            "a:try('pay') b:try('nothing')")
        #expect(failure == nil, "\(String(describing: failure))")
    }

    @Test(arguments: [
        ("leave", "cells.n = cells.seats[ctx.who.session].n"),
        ("idle", "cells.n = cells.seats.nobody.n"),
    ])
    func `a function that nobody hears fail is found`(name: String, lua: String) throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "n = t.integer { default = 0 }, seats = t.map(t.object { n = t.integer() })",
                "  on = { \(name) = function(cells, _, ctx) \(lua) end },"), "")
        #expect(failure?.message?.contains("failed, and nobody is told") == true, "\(String(describing: failure))")
        #expect(failure?.story.last?.hasPrefix("recipe.lua:5: ") == true)
    }

    @Test func `a timer whose handler fails is found`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "user = t.object { n = t.integer { default = 0 } } :per 'session'",
                """
                  handlers = {
                    soon = function(_, _, ctx) ctx.after(60000, "late") end,
                    late = function(cells) cells.user.n = 1 end,
                  },
                """), "a:send('soon')")
        #expect(failure?.message?.contains("handlers.late failed, and nobody is told") == true)
        #expect(failure?.story.last == "recipe.lua:7: late = function(cells) cells.user.n = 1 end,")
    }

    @Test func `a link to what was deleted is found, with the line that deleted it`() throws {
        let cells = "card = t.object { title = t.string() } :many(), pins = t.list(LINK), keys = t.list(t.link 'card')"
        let body = """
              handlers = {
                pin = function(cells) cells.pins:push(cells.card:new { title = "x" }) end,
                drop = function(cells) if #cells.pins > 0 then cells.pins[1]:delete() end end,
              },
            """
        let failure = try Self.explored(
            Self.recipe(cells: cells.replacing("LINK", with: "t.link 'card'"), body), "a:send('pin') b:send('drop')")
        #expect(failure?.message?.hasPrefix("pins[1] links to card.") == true, "\(String(describing: failure))")
        #expect(failure?.message?.contains("`drop` of Bob deleted it (recipe.lua:7)") == true)
    }

    @Test func `an optional link may lead nowhere`() throws {
        let failure = try Self.explored(
            Self.recipe(
                cells: "card = t.object { title = t.string() } :many(), pins = t.map(t.optional(t.link 'card'))",
                """
                  handlers = {
                    pin = function(cells) cells.pins.one = cells.card:new { title = "x" } end,
                    drop = function(cells) if cells.pins.one then cells.pins.one:delete() end end,
                  },
                """), "a:send('pin') b:send('drop')")
        #expect(failure == nil, "\(String(describing: failure))")
    }

    @Test func `the story of a commit has the lines that wrote`() throws {
        let failure = try SpecTrial(
            """
            it("goes well", function()
              explore({ runs = 3, seed = 1, recipe = "tally" }, function(room)
                room:join {}:send("add", { n = 1 })
                return function() assert.equal(0, room.cells.total:get()) end
              end)
            end)
            """
        ).failure
        let story = try #require(failure?.story)
        let commit = try #require(story.firstIndex { $0.contains("`add` of participant 1 is commit") })
        #expect(story[commit + 1].contains("recipe.lua:") && story[commit + 1].contains("cells.total = cells.total +"))
    }

    @Test func `pairs walks the cells of a room in a spec`() throws {
        let trial = try SpecTrial(
            """
            it("walks", function()
              local room = hearth.room("tally")
              room:join {}:send("add", { n = 4 })
              local found = {}
              for name, value in pairs(room.cells.log[1]) do found[name] = value end
              assert.equal(4, found.n)
            end)
            """)
        #expect(trial.failure == nil, "\(String(describing: trial.failure))")
    }
}

/// Somebody had gone while somebody else's whole state waited for the disk: the state came without the cells of whoever had
/// gone, and then the change that took them away, which no replica could apply.
@Test func `the whole state is not followed by a change that it holds already`() throws {
    let runtime = try RecipeRuntime(RecipeSource(name: "tally", text: Fixtures.tally))
    let room = try SimulatedRoom(id: "r", runtime: runtime, seed: 1)
    let ann = room.admit(name: "Ann", identity: nil)
    let bob = room.admit(name: "Bob", identity: nil)
    room.run()
    _ = ann.start("add", .object(["n": 1]))
    room.step()
    ann.fallBehind()
    room.step()
    // Her state waits for the disk.
    bob.disconnect()
    room.settleWrite()
    #expect(room.checkReplicas().isEmpty)
}

/// A page was loaded anew, and its socket broke before it was told anything: it came back as if it knew what the page before it
/// had known, and the next change did not apply to nothing.
@Test func `a page that was told nothing yet asks for everything when it comes back`() throws {
    let runtime = try RecipeRuntime(RecipeSource(name: "tally", text: Fixtures.tally))
    let room = try SimulatedRoom(id: "r", runtime: runtime, seed: 1)
    let ann = room.admit(name: "Ann", identity: nil)
    room.run()
    ann.enter(keepsReplica: false)
    ann.disconnect()
    ann.enter(keepsReplica: true)
    room.run()
    _ = ann.start("add", .object(["n": 1]))
    #expect(room.checkReplicas().isEmpty)
}

/// Which merges lose something, told from values alone.
@Suite("The laws of merges")
struct MergeLawsTests {
    private typealias Merge = (_ base: Value, _ mine: Value, _ theirs: Value) -> Value?

    private func isBroken(_ values: [Value], by merge: Merge) -> Bool {
        var laws = MergeLaws()
        for value in values { laws.note("cell", value) }
        return laws.breach { merge($1, $2, $3) } != nil
    }

    private let maps: [Value] = [.object(["a": 1]), .object([:]), .object(["a": 1, "b": 2]), .object(["a": 3])]

    @Test func `keeping what either side did is sound, whoever wins where both did something`() {
        let byKey: Merge = { base, mine, theirs in
            var merged = theirs.object ?? Object()
            let keys = Set([base, mine].flatMap { $0.object?.map(\.key) ?? [] })
            for key in keys where mine.object?[key] != base.object?[key] { merged[key] = mine.object?[key] }
            return .object(merged)
        }
        #expect(!isBroken(maps, by: byKey))
        #expect(!isBroken([1, 5, 3]) { _, mine, theirs in max(mine.int ?? 0, theirs.int ?? 0).asValue })
        #expect(!isBroken([1, 5, 3]) { _, mine, _ in mine })
        #expect(!isBroken([1, 5, 3]) { _, _, _ in nil })
    }

    @Test func `forgetting what one side took out is not`() {
        let additions: Merge = { base, mine, theirs in
            var merged = theirs.object ?? Object()
            for (key, value) in mine.object ?? Object() where value != base.object?[key] { merged[key] = value }
            return .object(merged)
        }
        #expect(isBroken(maps, by: additions))
        #expect(isBroken([1, 5, 3]) { _, mine, theirs in (2 * (mine.int ?? 0) + (theirs.int ?? 0)).asValue })
        #expect(isBroken(maps) { _, mine, _ in mine })
    }

    /// Its counts came to nothing when the cell's first value was taken for something made of its second.
    @Test func `adding up what both sides counted is sound`() {
        let sum: Merge = { base, mine, theirs in
            var merged = theirs.object ?? Object()
            for (key, value) in mine.object ?? Object() {
                merged[key] = ((merged[key]?.int ?? 0) + (value.int ?? 0) - (base.object?[key]?.int ?? 0)).asValue
            }
            return .object(merged)
        }
        #expect(
            !isBroken(
                [.object([:]), .object(["a": 1]), .object(["a": 1, "b": 1]), .object(["a": 2, "b": 1])], by: sum))
    }

    @Test func `the order of a list's items is no matter`() {
        let both: Merge = { _, mine, theirs in .list(List(Array(theirs.list ?? List()) + Array(mine.list ?? List()))) }
        #expect(!isBroken([.list([1]), .list([1, 2]), .list([1, 3])], by: both))
    }
}

extension Int64 {
    fileprivate var asValue: Value { .int(self) }
}
