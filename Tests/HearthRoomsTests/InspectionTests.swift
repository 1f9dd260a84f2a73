import HearthValues
import Testing

@testable import HearthRooms

/// What simulations see of a room beyond what it tells its participants.
@Suite("A room can be inspected")
struct InspectionTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "test", version = 1,
          cells = { n = t.integer { default = 0 }, hidden = t.integer { default = 7 } :read "judge" },
          derived = { twice = function(cells) return cells.n * 2 end },
          handlers = { slow = function(cells, _, ctx) cells.n = 1; ctx.sleep(50) end },
        }
        """

    @Test func `all cells are seen, whoever may read them`() throws {
        let room = try SimulatedRoom(Self.recipe)
        #expect(room.machine.cells["n"] == 0 && room.machine.cells["hidden"] == 7 && room.machine.cells["twice"] == 0)
    }

    @Test func `a handler that waits is listed until it ends`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join(name: "Ann")
        #expect(room.machine.waits.isEmpty)
        ann.send("slow")
        let wait = try #require(room.machine.waits.first)
        #expect(wait.event == "slow" && wait.session == ann.session && wait.run == 1 && wait.due == room.now + 50)
        room.advance(50)
        #expect(room.machine.waits.isEmpty)
        #expect(room.machine.cells["n"] == 1)
    }
}
