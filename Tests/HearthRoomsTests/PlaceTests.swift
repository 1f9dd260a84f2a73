import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// What was read, and where, is told with the file: the line alone leads astray in a recipe with modules.
@Suite("Places in recipes of several files")
struct PlaceTests {
    private static let recipe = """
        local t = require "hearth.types"
        local rules = require "rules"
        local more = require "deep.more"
        return recipe {
          name = "test", version = 1,
          cells = { n = t.integer(), log = t.list(t.string()) },
          handlers = {
            here = { on_conflict = "reject", run = function(cells, data, ctx)
              local n = cells.n
              ctx.sleep(100)
              cells.n = n + 1
            end },
            there = { on_conflict = "reject", run = rules.add },
            again = rules.add,
            deep = { on_conflict = "reject", run = function(cells, data, ctx)
              local n = more.read(cells)
              ctx.sleep(100)
              cells.n = n + 1
            end },
            runs = rules.runs,
            now = function(cells, data) cells.n = data.n end,
          },
        }
        """

    private static let modules = [
        SourceFile(
            path: "deep/more.lua",
            text: """
                return {
                  read = function(cells)
                    return cells.n + 0
                  end,
                }
                """),
        SourceFile(
            path: "rules.lua",
            text: """
                local rules = {}

                function rules.add(cells, data, ctx)
                  local n = cells.n
                  ctx.sleep(100)
                  cells.n = n + 1
                end

                function rules.runs(cells, data, ctx)
                  cells.n = ctx.runs
                end

                return rules
                """),
    ]

    private func room(_ change: (inout RoomLimits) -> Void = { _ in }) throws -> SimulatedRoom {
        var limits = RoomLimits()
        change(&limits)
        return try SimulatedRoom(Self.recipe, modules: Self.modules, limits: limits)
    }

    @Test(
        "a conflict names the file in which it was read",
        arguments: [("here", "test/recipe.lua:9"), ("there", "test/rules.lua:4"), ("deep", "test/deep/more.lua:3")])
    func conflict(event: String, place: String) throws {
        let room = try room()
        let ann = room.join()
        let bob = room.join()
        ann.send(event)
        bob.send("now", ["n": 10])
        room.advance(100)
        #expect(ann.errors.first?.failure.details.object?["read_at"] == .string(place))
    }

    @Test("the file stands in the fact, and a VM that was made anew knows it too")
    func fact() throws {
        let room = try room()
        let ann = room.join()
        let bob = room.join()
        ann.send("again")
        try room.discardVM()
        bob.send("now", ["n": 10])
        room.advance(100)
        let seq = try #require(ann.acks.first?.seq)
        let fact = try #require(try room.store.facts(room: "lobby", after: seq - 1, limit: 1).first)
        let conflict = try #require(try CommitStory(fact).conflicts.first)
        #expect(conflict.file == "rules.lua" && conflict.line == 4)
        // Facts are canonical: read and written again they are the same bytes.
        #expect(JSON.bytes(try JSON.parse(fact.content)) == fact.content)
    }

    @Test("a handler that is no function of its event is blamed by file and line")
    func checked() throws {
        let room = try room { $0.checksRuns = true }
        let ann = room.join()
        ann.send("runs")
        let failure = try #require(ann.errors.first?.failure)
        #expect(failure.details.object?["file"] == "rules.lua")
        #expect(failure.details.object?["line"] == 10)
        #expect(failure.message.hasSuffix("(rules.lua:10)"))
    }
}
