import HearthLua
import HearthRecipes
import HearthValues
import HearthWorkers
import Testing

/// A hostile handler: `body` runs in a recipe whose cells are worth having, as an event of its own.
struct Attack: CustomTestStringConvertible, Sendable {
    /// How the event must end.
    enum End: Sendable {
        /// With `budget_exceeded`.
        case limit
        /// With `handler_failed`.
        case failure
        /// With one or the other: which comes first does not matter.
        case either
        /// With success: the sandbox makes it harmless, and what it returns is true.
        case harmless
    }

    let name: String
    let end: End
    let body: String

    static func limit(_ name: String, _ body: String) -> Attack { Attack(name: name, end: .limit, body: body) }
    static func failure(_ name: String, _ body: String) -> Attack { Attack(name: name, end: .failure, body: body) }
    static func either(_ name: String, _ body: String) -> Attack { Attack(name: name, end: .either, body: body) }
    static func harmless(_ name: String, _ body: String) -> Attack { Attack(name: name, end: .harmless, body: body) }

    var testDescription: String { name }

    static let recipe = """
        local t = require "hearth.types"
        local config = { limit = 5, names = { "a", "b" } }
        local Class = {}
        Class.__index = Class
        function Class:limit() return config.limit end
        local counter = 0
        """

    /// A room whose handler `attack` is the attack, in line 9 and those after it.
    func makeRoom(
        limits: RecipeLimits = .init(), isolation: RecipeIsolation = TestWorkers.chosen
    ) throws -> Room {
        let room = try Room(
            """
            \(Self.recipe)
            return recipe { name = "test", cells = {
              n = t.integer { default = 7 }, list = t.list(t.any), o = t.open_object {}, user = t.object { name = t.string } :per "session",
              card = t.object { x = t.integer } :many(), any = t.any }, derived = { count = function(cells) return #cells.list end },
              handlers = {
                attack = function(cells, data, ctx) \(body) end,
                honest = function(cells, data, ctx)
                  cells.n:increment(1)
                  local seen = {}
                  for name, library in pairs { s = string, t = table, m = math, o = os, u = utf8, c = coroutine, h = hearth } do
                    for field in pairs(library) do seen[#seen + 1] = name .. "." .. field end
                  end
                  return { n = cells.n, seen = seen, config = config.limit .. table.concat(config.names), counter = counter,
                    class = setmetatable({}, Class):limit(), class_extra = Class.extra, upper = ("x"):upper(), x = ("").x,
                    list = #cells.list, count = cells.count, o = cells.o:snapshot(), text = tostring({}),
                    global = rawequal(stolen, nil), main = select(2, coroutine.running()), random = math.random(1000),
                    any = cells.any }
                end } }
            """, limits: limits, isolation: isolation)
        _ = try room.join("s1", name: "Ann")
        return room
    }
}

extension Attack {
    /// Runs it and everything that must hold about it.
    func run() throws {
        let room = try makeRoom(), calm = try makeRoom(), ann = room.participants[0]
        let before = room.cells
        // What the thread computes: how long a busy machine keeps it waiting says nothing.
        let began = ThreadTime.now()
        let failure = room.failure("attack", .object(["x": 1]), by: ann)
        let milliseconds = (ThreadTime.now() - began) / 1_000_000
        #expect(milliseconds < 2_000, "\(name) took \(milliseconds) ms")
        check(failure)
        if failure != nil {
            #expect(room.cells == before)
            #expect(room.effects.isEmpty)
        }
        // The next event of the room is as the first of one that was never attacked.
        if end != .harmless {
            #expect(try room.send("honest", by: ann) == calm.send("honest", by: calm.participants[0]))
        }
    }

    private func check(_ failure: Failure?) {
        switch end {
        case .harmless:
            #expect(failure == nil, "\(name): \(String(describing: failure))")
            return
        case .limit: #expect(failure?.code == "budget_exceeded", "\(name): \(String(describing: failure))")
        case .failure: #expect(failure?.code == "handler_failed", "\(name): \(String(describing: failure))")
        case .either: #expect(["budget_exceeded", "handler_failed"].contains(failure?.code), "\(name)")
        }
        let details = failure?.details.object
        #expect(details?["recipe"] == "test")
        #expect(details?["handler"] == "attack")
        #expect(details?["file"] == "recipe.lua", "\(name): \(String(describing: failure))")
        #expect(details?["line"] != nil, "\(name): \(String(describing: failure))")
        #expect((failure?.message.utf8.count ?? 0) < 10_000)
    }
}
