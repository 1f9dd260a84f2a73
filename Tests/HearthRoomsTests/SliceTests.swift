import HearthRecipes
import HearthRooms
import HearthValues
import Testing

/// Events that run on an event loop longer than others may be kept waiting. A room must come to the same end as if it had had all the
/// time in the world.
@Suite struct `An event that outlasts its slice` {
    static let recipe = """
        local t = require "hearth.types"
        local function spin(rounds) local x = 0 for i = 1, rounds do x = (x + i) % 7 end return x end
        return recipe { name = "test", cells = { order = t.list(t.any) }, handlers = {
          note = function(cells, data) cells.order:push(data.name) end,
          slow = function(cells, data, ctx)
            cells.order:push(data.name .. ctx.runs)
            ctx.signal("seen", data.name)
            spin(600000)
            return ctx.random(1000000)
          end,
          endless = function(cells) cells.order:push("lost") while true do end end,
          patient = function(cells, data, ctx) ctx.sleep(10) spin(600000) cells.order:push(data.name) end,
        } }
        """

    /// A turn with a slice of 1 ms.
    static func slicedTurn(_ room: SimulatedRoom) {
        room.machine.sliceMs = 1
        room.machine.turn(now: room.now)
        room.machine.sliceMs = nil
    }

    @Test func `runs again from its beginning and before all others`() throws {
        let room = try SimulatedRoom(Self.recipe), calm = try SimulatedRoom(Self.recipe)
        let ann = room.join(), bob = room.join(), carl = calm.join(), dora = calm.join()
        for (one, other) in [(ann, bob), (carl, dora)] {
            one.start("note", ["name": "a"])
            one.start("slow", ["name": "b"])
            other.start("note", ["name": "c"])
        }
        Self.slicedTurn(room)
        #expect(room.machine.isCutShort)
        #expect(room.machine.hasWork)
        Self.slicedTurn(room)
        #expect(room.machine.isCutShort)
        #expect(bob.acks.isEmpty)
        room.pump()
        calm.pump()
        #expect(!room.machine.isCutShort)
        #expect(ann.cells["order"] == ["a", "b1", "c"])
        #expect(ann.acks == carl.acks && ann.acks.count == 2)
        #expect(ann.cells == carl.cells && bob.signals.count == 1)
    }

    @Test func `still ends at its limit`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join()
        ann.start("endless")
        ann.start("note", ["name": "after"])
        Self.slicedTurn(room)
        #expect(room.machine.isCutShort && ann.errors.isEmpty)
        room.pump()
        #expect(ann.errors.map(\.failure.code) == ["budget_exceeded"])
        #expect(ann.errors.first?.failure.details.object?["limit"] != .int(1))
        #expect(ann.cells["order"] == ["after"])
    }

    @Test func `may have waited before`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join()
        ann.send("patient", ["name": "a"])
        room.now += 20
        room.machine.handle(.tick, now: room.now)
        Self.slicedTurn(room)
        #expect(room.machine.isCutShort && ann.acks.isEmpty)
        room.pump()
        #expect(ann.acks.count == 1 && ann.cells["order"] == ["a"])
    }

    @Test func `is lost with the session that it was for`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join(), bob = room.join()
        ann.start("slow", ["name": "a"])
        Self.slicedTurn(room)
        room.handle(.leave(0))
        room.pump()
        #expect(bob.cells["order"] == ["a1"])
    }
}
