import HearthLua
import HearthRecipes
import HearthRooms
import HearthValues
import HearthWorkers
import Testing

/// The process of a recipe dies under an event, after the handler has written, signalled and set timers. All rooms here
/// compare everything they hold before and after a rollback.
@Suite struct `An event whose recipe's process dies` {
    private let engines = FragileEngines()

    private static let recipe = """
        local t = require "hearth.types"
        return recipe { name = "test",
          cells = { n = t.integer(), list = t.list(t.any), sum = t.integer() :merge(function(base, mine, theirs)
            return mine + theirs - base end) },
          derived = { twice = function(cells) return cells.n * 2 end },
          on = { join = function(cells, data, ctx) cells.list:push("joined") end },
          handlers = {
            add = { run = function(cells, data, ctx)
              cells.n:increment(1)
              cells.list:push(ctx.id())
              ctx.signal("added", cells.n)
              ctx.after(1000, "later")
              return cells.n
            end },
            later = { run = function(cells) cells.list:push("later") end },
            wait = { run = function(cells, data, ctx)
              local before = cells.n
              ctx.sleep(100)
              cells.n = before + 10
            end },
            wait_sum = { run = function(cells, data, ctx)
              local before = cells.sum
              ctx.sleep(100)
              cells.sum = before + 3
            end },
            set_sum = { run = function(cells, data) cells.sum = data.v end },
          } }
        """

    private func open() throws -> SimulatedRoom { try SimulatedRoom(Self.recipe, isolation: engines.isolation) }

    static let losses: [LuaLoss] = [
        .signal(9), .signal(11), .signal(31), .exit(status: 1), .hung(milliseconds: 750), .malformed("x"),
    ]

    @Test(arguments: losses) func `runs again in a new one, and is answered once`(loss: LuaLoss) throws {
        let room = try open(), calm = try SimulatedRoom(Self.recipe)
        let ann = room.join(), bob = calm.join()
        engines.losses = [loss]
        ann.send("add")
        bob.send("add")
        #expect(ann.acks.count == 1 && ann.acks.last?.runs == 2 && ann.errors.isEmpty)
        // Nothing of the first run remains: not even its ids differ from those of an event that ran once.
        #expect(ann.cells == bob.cells)
        #expect(ann.signals.count == 1)
        #expect(room.machine.stats.processesLost == 1 && room.machine.stats.reattached == 1)
        room.advance(2_000)
        #expect(ann.cells["list"]?.list?.compactMap(\.string).filter { $0 == "later" }.count == 1)
    }

    @Test func `is refused when the second dies as well, and the room goes on`() throws {
        let room = try open()
        let ann = room.join()
        let before = ann.cells
        engines.losses = [.signal(9), .signal(11)]
        ann.send("add")
        let failure = try #require(ann.errors.last?.failure)
        #expect(failure.code == "handler_failed")
        #expect(failure.message.contains("signal 11") && failure.details.object?["handler"] == "add")
        #expect(ann.acks.isEmpty && ann.cells == before && ann.signals.isEmpty)
        ann.send("add")
        #expect(ann.acks.count == 1 && ann.cells["n"] == 1)
    }

    @Test func `that hangs twice has used up its time`() throws {
        let room = try open()
        let ann = room.join()
        engines.losses = [.hung(milliseconds: 750), .hung(milliseconds: 750)]
        ann.send("add")
        let failure = try #require(ann.errors.last?.failure)
        #expect(failure.code == "budget_exceeded")
        #expect(failure.details.object?["kind"] == "time" && failure.details.object?["limit"] == 750)
    }

    @Test func `may be one of the room itself`() throws {
        let room = try open()
        engines.losses = [.signal(9)]
        let ann = room.join()
        #expect(ann.refused == nil && ann.cells["list"]?.count == 1)
        engines.losses = [.signal(9), .signal(9)]
        let bob = room.join()
        #expect(bob.refused?.code == "handler_failed")
        #expect(ann.cells["list"]?.count == 1)
    }

    @Test func `goes on from its waits on the newest state`() throws {
        let room = try open()
        let ann = room.join(), bob = room.join()
        ann.send("wait")
        bob.send("add")
        // The first of these ends the run after the wait; what it meets then is new.
        engines.losses = [.signal(9)]
        room.advance(500)
        #expect(ann.acks.count == 1 && ann.errors.isEmpty)
        #expect(ann.cells["n"] == 11)
    }

    @Test func `has its derived cells computed in a new one`() throws {
        let room = try open()
        let ann = room.join()
        engines.losses = [nil, .signal(9)]
        ann.send("add")
        #expect(ann.acks.last?.runs == 1 && ann.cells["twice"] == 2)
    }

    @Test func `is merged in a new one`() throws {
        let room = try open()
        let ann = room.join(), bob = room.join()
        ann.send("wait_sum")
        bob.send("set_sum", ["v": 5])
        engines.losses = [nil, .signal(9)]
        room.advance(100)
        #expect(ann.acks.last?.runs == 1 && ann.cells["sum"] == 8)
    }
}
