import HearthValues
import Testing

@testable import HearthRooms

/// A client that resumed in the very moment in which its session was to end was let in and then told `bye`, "left": the
/// end stood in the mailbox behind the `join`, whose `joined` still waited for the disk, so that nobody seemed attached.
/// Its event was never answered. A schedule of `hearth test` that let time pass between the two found it.
@Suite("A session that is resumed when its time is up")
struct ReturnTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "test", version = 1,
          cells = { n = t.integer { default = 0 } },
          handlers = { add = function(cells) cells.n:increment(1) end },
        }
        """

    @Test func `is not ended behind its back`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join(name: "Ann")
        ann.disconnect()
        room.now += room.limits.sessionTtlMs
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.resumed == true)
        #expect(back.bye == nil)
        back.send("add")
        #expect(back.acks.count == 1)
        #expect(back.cells["n"] == 1)
    }

    @Test func `ends when its new socket is lost too and time passes`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let ann = room.join(name: "Ann")
        ann.disconnect()
        room.now += room.limits.sessionTtlMs
        let back = room.join(resume: ann)
        back.disconnect()
        room.advance(room.limits.sessionTtlMs - 1)
        #expect(room.machine.sessions.count == 1)
        room.advance(1)
        #expect(room.machine.sessions.isEmpty)
    }
}
