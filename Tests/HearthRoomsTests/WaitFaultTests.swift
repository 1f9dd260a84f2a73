import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// What happens to waits, timers and questions when the disk, the clock or a limit gets in their way.
@Suite("Waits, timers and questions in hard times")
struct WaitFaultTests {
    /// A write cancels timers before it sets them, so one that was set and used up in the same write stood in the store
    /// for good: after a restart it went off a second time.
    @Test("a timer that is used up in the write that sets it stays so after a restart")
    func timerWithinAWrite() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        room.disk = .held
        ann.send("nothing")
        ann.send("soon")
        room.advance(10)
        room.disk = .works
        room.pump()
        #expect(ann.cells["n"] == 1)
        try room.restart()
        room.advance(1_000)
        #expect(room.machine.describe().cells["n"] == 1)
    }

    /// A conflict that was found while an event waited was kept when the disk refused the commit that it was about.
    @Test("a conflict with a commit that the disk refused is forgotten with it")
    func vanishedConflict() throws {
        let room = try WaitTests.room { $0.backlogMax = 4 }
        let ann = room.join()
        let bob = room.join()
        ann.send("reject")
        room.disk = .held
        for n in 1...8 { bob.start("now", ["n": .int(Int64(n))]) }
        room.pump()
        room.disk = .full
        room.settleWrites()
        room.disk = .works
        room.pump()
        room.advance(3_000)
        #expect(ann.errors.isEmpty, "\(ann.errors)")
        #expect(ann.acks.count == 1)
        #expect(ann.cells["n"] == 1)
    }

    /// At the limit of waiting handlers a timer's handler failed, and the timer was gone; so was a message of another room.
    @Test("timers and messages that may not wait now run later")
    func putOff() throws {
        let room = try WaitTests.room { $0.waitingMax = 1 }
        let ann = room.join()
        ann.send("later", ["ms": 10])
        ann.send("add", ["ms": 5_000])
        room.handle(.delivery(Delivery(id: "d1", from: "x", to: "lobby", event: "add", data: ["by": 10])))
        room.pump()
        room.advance(1_000)
        #expect(room.delivered == [])
        #expect(ann.cells["n"] == 0)
        room.advance(20_000)
        #expect(ann.cells["n"] == 12)
        #expect(room.delivered == ["d1"])
        #expect(ann.errors.isEmpty)
    }

    /// The disk refused something else, and everybody was asked again what they had been asked already: the second answer
    /// met an `unknown_ask`.
    @Test("a question that has left is not asked again because the disk refused something else")
    func askedOnce() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("ask", ["who": .string(bob.session), "timeout": 60_000])
        #expect(bob.asks.count == 1)
        room.disk = .held
        bob.send("say", ["text": "lost"])
        room.disk = .full
        room.settleWrites()
        room.disk = .works
        room.advance(5_000)
        #expect(bob.asks.count == 1)
        bob.answer(bob.asks[0].id, ["text": "yes"])
        #expect(ann.acks.count == 1)
    }

    /// A question whose predecessor was answered while the disk was busy left with that one's write, before its own, and
    /// then again.
    @Test("a question leaves once, after what it rests on is on disk")
    func askedInOrder() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        room.disk = .held
        bob.send("nothing")
        ann.send("twice", ["who": .string(bob.session)])
        room.advance(2_000)
        #expect(bob.asks.isEmpty)
        room.disk = .works
        room.pump()
        #expect(bob.asks.map(\.name) == ["second"])
    }

    @Test("somebody who returns while a question waits for the disk is asked it once")
    func askedAfterReturn() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        bob.disconnect()
        room.disk = .held
        ann.send("say", ["text": "on its way"])
        ann.send("ask", ["who": .string(bob.session), "timeout": 60_000])
        let back = room.join(resume: bob)
        room.disk = .works
        room.pump()
        #expect(back.asks.count == 1)
    }

    /// An event that may have the room to itself for 2 s had it for an hour when the machine's clock was set back by one;
    /// handlers slept, and timers that were due then were forgotten until the next start.
    @Test("a clock that is set back stops nothing", arguments: [false, true])
    func clockBack(isAlone: Bool) throws {
        let room = try WaitTests.room {
            $0.conflictsBeforeAlone = isAlone ? 0 : 100
            $0.sessionTtlMs = 5_000
        }
        let ann = room.join()
        let bob = room.join()
        let eve = room.join()
        eve.disconnect()
        ann.start("add", ["ms": 1_000])
        room.pump()
        room.now -= 3_600_000
        room.handle(.tick)
        room.pump()
        bob.start("say", ["text": "hello"])
        room.pump()
        room.advance(2_000)
        #expect(bob.acks.count == 1)
        #expect(ann.acks.count == 1)
        room.advance(5_000)
        #expect(room.machine.describe().sessions == 2)
    }

    @Test("a room that was to be deleted and stays lets go of an event that had it alone")
    func stays() throws {
        let room = try WaitTests.room { $0.conflictsBeforeAlone = 0 }
        let ann = room.join()
        let bob = room.join()
        room.handle(.draining(true))
        ann.start("add", ["ms": 60_000])
        bob.start("nothing")
        room.pump()
        room.handle(.draining(false))
        room.pump()
        room.advance(3_000)
        #expect(bob.acks.count == 1)
    }
}
