import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("Durable timers")
struct TimerTests {
    /// After a slow write the next one held a timer that was set and one use of it, and stores cancel before they set: the
    /// timer stayed, and ran once more after a restart.
    @Test("a timer that is set and used up within one write does not run again after a restart")
    func timerWithinOneWrite() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        room.disk = .held
        ann.send("say", ["text": "the write that is slow"])
        ann.send("later", ["ms": 10])
        ann.send("later", ["ms": 60_000])
        room.advance(500)
        room.disk = .works
        room.pump()
        #expect(room.machine.describe().cells["n"] == 1)
        #expect(try room.store.load(room: "lobby")?.timers.count == 1)
        try room.restart()
        room.advance(500)
        #expect(room.machine.describe().cells["n"] == 1)
        room.advance(60_000)
        #expect(room.machine.describe().cells["n"] == 2)
    }
}
