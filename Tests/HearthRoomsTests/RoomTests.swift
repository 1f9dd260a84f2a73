import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("A room")
struct RoomTests {
    @Test("shows every participant the same commits in the same order")
    func replicas() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        for index in 0..<10 {
            ann.send("send", ["text": .string("a\(index)")])
            bob.send("send", ["text": .string("b\(index)")])
        }
        ann.send("rename", ["name": "Ann B."])
        #expect(ann.faults.isEmpty && bob.faults.isEmpty)
        #expect(ann.cells["messages"] == bob.cells["messages"])
        #expect(ann.cells["count"] == .int(20))
        #expect(ann.cells["recent"]?.count == 5)
        #expect(bob.cells["user@s1"] == ["name": "Ann B."])
        #expect(ann.acks.map(\.id) == Array(1...11))
        #expect(room.machine.describe().cells["total"] == .int(20))
    }

    @Test("gives a late joiner everything")
    func lateJoiner() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("send", ["text": "hi"])
        let bob = room.join()
        #expect(bob.cells["messages"] == ann.cells["messages"])
        #expect(bob.cells["count"] == .int(1))
    }

    @Test("keeps nothing of a handler that fails")
    func failure() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let before = room.machine.describe()
        ann.send("fail")
        let after = room.machine.describe()
        #expect(ann.errors.map(\.failure.code) == ["handler_failed"])
        #expect(ann.errors.first?.id == 1)
        #expect(ann.signals.isEmpty)
        #expect(before.seq == after.seq && before.cells == after.cells)
        ann.send("send", ["text": "still here"])
        #expect(ann.acks.count == 1)
    }

    @Test("answers a repeated event as the first time, and refuses a gap")
    func ids() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("send", ["text": "once"])
        ann.nextEvent = 1
        ann.send("send", ["text": "once"])
        #expect(ann.acks.count == 2 && ann.acks[0] == ann.acks[1])
        #expect(ann.cells["messages"]?.count == 1)
        ann.nextEvent = 5
        ann.send("send", ["text": "gap"])
        #expect(ann.errors.map(\.failure.code) == ["out_of_order"])
        ann.nextEvent = 2
        ann.send("send", ["text": "next"])
        #expect(ann.acks.count == 3)
    }

    @Test("says which event, datum or handler was wrong")
    func codes() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("nope")
        ann.send("send", ["text": ""])
        ann.send("send", ["txt": "x"])
        #expect(ann.errors.map(\.failure.code) == ["unknown_event", "invalid_data", "invalid_data"])
        #expect(ann.errors[1].failure.message.contains("text"))
    }

    @Test("sends private cells to their owner only")
    func privateCells() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        ann.send("note", ["text": "mine"])
        #expect(ann.cells["notes@s1"] == ["mine"])
        #expect(bob.cells["notes@s1"] == nil)
        #expect(bob.seq == ann.seq && bob.faults.isEmpty)
        #expect(room.machine.describe().cells["notes@s1"] == nil)
        #expect(room.machine.cell("notes@s1") == nil)
    }

    @Test("sends those who ask for some cells these, and what they link to")
    func someCells() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(state: .cells(["recent"]))
        #expect(bob.cells.map(\.key) == ["recent"])
        ann.send("send", ["text": "hi"])
        #expect(bob.cells.map(\.key) == ["recent", "user@s1"])
        ann.send("rename", ["name": "Ann B."])
        #expect(bob.cells["user@s1"] == ["name": "Ann B."])
        ann.send("note", ["text": "x"])
        #expect(bob.seq == ann.seq && bob.commits.last?.patch.operations.isEmpty == true)
        let eve = room.join(state: .cells(["recent"]))
        #expect(eve.cells == bob.cells)
        #expect(bob.faults.isEmpty)
    }

    @Test("conflates ephemeral cells, and lets nobody write another's")
    func ephemeral() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        #expect(bob.cells["typing@s1"] == .bool(false))
        room.handle(.set(ann.connection, cell: "typing", value: .bool(true)))
        room.handle(.event(ann.connection, Event(id: 1, name: "peek")))
        room.pump()
        #expect(bob.cells["typing@s1"] == .bool(true))
        room.handle(.set(ann.connection, cell: "typing@s2", value: .bool(true)))
        room.handle(.set(ann.connection, cell: "typing", value: .int(3)))
        room.handle(.set(ann.connection, cell: "total", value: .int(3)))
        #expect(ann.errors.map(\.failure.code) == ["forbidden", "invalid_data", "forbidden"])
        ann.disconnect()
        #expect(bob.cells["typing@s1"] == nil)
        #expect(bob.faults.isEmpty)
    }

    @Test("sends signals to whom they are for")
    func signals() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        ann.send("call", ["text": "ho"])
        #expect(ann.signals.isEmpty)
        #expect(bob.signals.map(\.name) == ["hello"] && bob.signals.first?.from == "s1")
    }

    @Test("limits a handler's rate per participant")
    func rate() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        for _ in 0..<3 { ann.send("slow") }
        bob.send("slow")
        #expect(ann.acks.count == 2 && bob.acks.count == 1)
        #expect(ann.errors.map(\.failure.code) == ["rate_limited"])
        room.advance(10_001)
        ann.send("slow")
        #expect(ann.acks.count == 3)
    }

    /// A refusal that did not use up its id left the session one behind its client: everything after it was out of order.
    @Test("refuses what its mailbox cannot hold, and goes on with the same session")
    func overflow() throws {
        var limits = RoomLimits()
        limits.mailboxMax = 10
        let room = try SimulatedRoom(SampleRecipes.chat, limits: limits)
        let ann = room.join()
        for index in 0..<15 { ann.start("send", ["text": .string("m\(index)")]) }
        room.pump()
        #expect(ann.acks.map(\.id) == Array(1...10))
        #expect(ann.errors.map(\.id) == [11, 12, 13, 14, 15])
        #expect(Set(ann.errors.map(\.failure.code)) == ["rate_limited"])
        ann.send("send", ["text": "after"])
        #expect(ann.acks.last?.id == 16)
        for _ in 0..<40 { ann.start("send", ["text": "flood"]) }
        #expect(ann.bye?.code == 4429)
        room.pump()
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.resumed == true && back.lastJoined?.lastEvent == 36)
        back.send("send", ["text": "back"])
        #expect(back.acks.last?.id == 37)
    }

    @Test("lets a participant link only to what it can read")
    func links() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        bob.send("note", ["text": "secret"])
        for target in ["notes@s2#", "notes@s2#/0", "user@nobody#"] {
            ann.send("point", ["to": .link(try #require(Link(target)))])
        }
        #expect(ann.errors.map(\.failure.code) == ["invalid_link", "invalid_link", "invalid_link"])
        ann.send("point", ["to": .link(try #require(Link("user@s2#")))])
        #expect(ann.acks.map(\.id) == [4])
    }

    /// Such a timer was due again within the turn that ran it: the turns of one room followed each other without end.
    @Test("gives a timer that sets itself anew one run a millisecond, and others their turn between")
    func endlessTimer() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("again")
        #expect(!room.machine.hasWork)
        room.advance(10)
        #expect(room.machine.describe().cells["total"] == .int(11))
    }

    /// A server could not stop: such a room was never without work.
    @Test("comes to rest with timers that are always due, and goes on with them")
    func rest() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        for _ in 0..<2 { ann.send("again") }
        room.now += 5
        room.handle(.tick)
        #expect(room.machine.hasWork)
        room.handle(.draining(true))
        // What participants want is still done, and sets a timer as well.
        ann.send("again")
        #expect(room.machine.describe().cells["total"] == .int(3) && ann.acks.count == 3)
        room.now += 1_000
        room.handle(.tick)
        #expect(!room.machine.hasWork && room.wakeAt == nil)
        room.handle(.draining(false))
        room.pump()
        #expect(room.machine.describe().cells["total"] == .int(6))
        try room.restart()
        room.advance(2)
        #expect(room.machine.describe().cells["total"] == .int(12))
    }

    @Test("runs durable timers once, also after a restart")
    func timers() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("later", ["ms": 5_000])
        room.advance(4_999)
        #expect(room.machine.describe().cells["total"] == .int(0))
        try room.restart()
        room.advance(1)
        #expect(room.machine.describe().cells["total"] == .int(5))
        room.advance(20_000)
        try room.restart()
        room.advance(20_000)
        #expect(room.machine.describe().cells["total"] == .int(5))
    }

    @Test("delivers to other rooms exactly once")
    func deliveries() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("push_out", ["text": "hi"])
        #expect(room.deliveries.map(\.to) == ["other"])
        try room.restart()
        #expect(room.deliveries.count == 2 && room.deliveries[0] == room.deliveries[1])
        room.handle(.outgoingDone(id: room.deliveries[0].id))
        room.pump()
        try room.restart()
        #expect(room.deliveries.count == 2)
        for _ in 0..<2 {
            room.handle(.delivery(Delivery(id: "x:1", from: "x", to: "lobby", event: "tick", data: ["by": 5])))
            room.pump()
        }
        #expect(room.machine.describe().cells["total"] == .int(5))
    }

    @Test("answers a server's call once per idempotency key")
    func calls() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        for token in [UInt64(1), 2, 3] {
            room.handle(.call(token: token, ServerCall(name: "tick", data: ["by": 5], key: token == 3 ? "b" : "a")))
            room.pump()
        }
        #expect(room.machine.describe().cells["total"] == .int(10))
        #expect(try room.called[1]?.get() == room.called[2]?.get())
    }

    @Test("refuses a strict event when what it read has changed since its basis")
    func strict() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        let basis = ann.seq
        bob.send("tick", ["by": 7])
        ann.send("check", ["seen": 7], basis: basis, strict: true)
        #expect(ann.errors.map(\.failure.code) == ["conflict"])
        guard case .object(let details)? = ann.errors.first?.failure.details else {
            Issue.record("no details")
            return
        }
        #expect(details["cell"] == "total")
        #expect(details["actual"] == 7)
        #expect(details["expected"] == 0)
        ann.send("check", ["seen": 7], basis: ann.seq, strict: true)
        #expect(room.machine.describe().cells["total"] == .int(100))
    }
}
