import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("Handlers that wait")
struct WaitTests {
    static func room(_ change: (inout RoomLimits) -> Void = { _ in }) throws -> SimulatedRoom {
        var limits = RoomLimits()
        change(&limits)
        return try SimulatedRoom(SampleRecipes.waits, limits: limits)
    }

    @Test("let other events commit meanwhile, and end with one ack")
    func sleeps() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("add", ["ms": 100, "by": 5])
        #expect(ann.acks.isEmpty)
        bob.send("say", ["text": "meanwhile"])
        #expect(bob.acks.count == 1)
        room.advance(99)
        #expect(ann.acks.isEmpty)
        room.advance(1)
        #expect(ann.acks.map(\.runs) == [1])
        #expect(ann.cells["n"] == 5)
        #expect(ann.cells["double"] == 10)
        #expect(ann.faults.isEmpty && ann.errors.isEmpty)
        #expect(room.machine.canSleep == false)
    }

    @Test("wait in protected calls, coroutines and comparators alike")
    func anywhere() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("caught")
        room.advance(1_000)
        #expect(ann.cells["log"] == ["true co"], "\(ann.errors)")
    }

    @Test("events of the same session keep their order behind one that waits")
    func order() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.start("blind")
        ann.start("say", ["text": "second"])
        ann.start("say", ["text": "third"])
        ann.start("nothing", ["n": 1])
        room.pump()
        #expect(ann.acks.isEmpty)
        room.advance(200)
        #expect(ann.cells["log"] == ["before", "after", "second", "third"])
        #expect(ann.acks.map(\.id) == [1, 2, 3, 4])
    }

    @Test("meet a conflict when what they read has changed, and run again on the newest state")
    func conflict() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("add", ["by": 1])
        bob.send("now", ["n": 10])
        room.advance(100)
        #expect(ann.acks.map(\.runs) == [2])
        #expect(ann.cells["n"] == 11)
        #expect(room.machine.stats.conflicts == 1)
        #expect(room.machine.stats.reruns == 1)
        #expect(room.machine.stats.reattached == 1)
    }

    @Test("blind writes of a waiting handler do not conflict")
    func blind() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("blind")
        bob.send("now", ["n": 10])
        bob.send("say", ["text": "between"])
        room.advance(100)
        // In the order of their commits: what `now` set was then incremented.
        #expect(ann.cells["log"] == ["between", "before", "after"])
        #expect(ann.cells["n"] == 11)
        #expect(ann.acks.map(\.runs) == [1])
    }

    @Test("a storm of 64 clients on one cell ends with the exact result, in at most two runs each")
    func storm() throws {
        let room = try Self.room()
        let clients = (0..<64).map { _ in room.join() }
        for client in clients { client.start("add", ["ms": 50, "by": 1]) }
        room.pump()
        room.advance(1_000)
        #expect(clients[0].cells["n"] == 64)
        #expect(clients.allSatisfy { $0.acks.count == 1 && $0.errors.isEmpty && $0.acks[0].runs <= 2 })
    }

    @Test("a storm of handlers with many waits ends too: after two conflicts an event runs alone")
    func longStorm() throws {
        let room = try Self.room()
        let clients = (0..<64).map { _ in room.join() }
        for client in clients { client.start("steps", ["count": 5]) }
        room.pump()
        room.advance(60_000)
        #expect(clients[0].cells["n"] == 64, "\(clients.flatMap(\.errors).first as Any)")
        #expect(clients.allSatisfy { $0.acks.count == 1 && $0.acks[0].runs <= 3 })
    }

    @Test("an event that runs alone gives the room back after its time")
    func aloneEnds() throws {
        let room = try Self.room { $0.aloneMsMax = 500 }
        let ann = room.join()
        let bob = room.join()
        ann.start("steps", ["count": 400])
        room.pump()
        for n in 1...2 {
            bob.send("now", ["n": .int(Int64(n * 100))])
            room.advance(10)
        }
        bob.send("say", ["text": "held up"])
        #expect(bob.acks.count == 2)
        room.advance(600)
        #expect(bob.acks.count == 3)
    }

    @Test("on_conflict = reject answers with the conflict, and says who won and where it was read")
    func reject() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("reject")
        bob.send("now", ["n": 10])
        room.advance(100)
        let failure = try #require(ann.errors.first?.failure)
        #expect(failure.code == "conflict" && failure.retryable)
        let details = try #require(failure.details.object)
        #expect(details["cell"] == "n")
        #expect(details["expected"] == 0)
        #expect(details["actual"] == 10)
        #expect(details["runs"] == 1)
        #expect(details["by"]?.object?["event"] == "now")
        #expect(details["by"]?.object?["participant"] == .string(bob.session))
        #expect(details["read_at"] != .null)
    }

    @Test("on_conflict as a function runs in place of run")
    func instead() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("other")
        bob.send("now", ["n": 10])
        room.advance(100)
        #expect(ann.cells["log"] == ["instead: n now run 2"], "\(ann.errors)")
        #expect(ann.cells["n"] == 10)
    }

    @Test("max_runs ends an event that keeps meeting conflicts")
    func maxRuns() throws {
        let room = try Self.room { $0.conflictsBeforeAlone = 100 }
        let ann = room.join()
        let bob = room.join()
        ann.send("once")
        for n in 1...3 {
            bob.send("now", ["n": .int(Int64(n))])
            room.advance(110)
        }
        #expect(ann.errors.map(\.failure.code) == ["conflict"])
        #expect(ann.errors.first?.failure.details.object?["runs"] == 2)
        ann.send("now", ["n": 77])
        #expect(ann.cells["n"] == 77)
    }

    @Test("an event sees the same ids, numbers and time on every run, and its effects leave once")
    func functionOfTheEvent() throws {
        func log(conflicts: Int) throws -> (Value?, SimulatedRoom) {
            let room = try Self.room()
            let ann = room.join()
            room.machine.forceConflicts(of: "effects", times: conflicts)
            ann.send("effects")
            room.advance(1_000)
            #expect(ann.signals.count == 1)
            #expect(room.deliveries.count == 1)
            room.advance(60_000)
            guard case .list(let log)? = ann.cells["log"] else { return (nil, room) }
            #expect(log.count == 2 && log[1] == "later")
            #expect(ann.cells["people"]?.object?.count == 1)
            return (log[0], room)
        }
        let (plain, _) = try log(conflicts: 0)
        let (rerun, room) = try log(conflicts: 2)
        #expect(plain == rerun)
        #expect(plain != nil)
        #expect(room.machine.stats.reruns == 2)
    }

    @Test("a lost VM, a dropped socket and a restart of the disk lose nothing of a waiting event")
    func robust() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("add", ["ms": 100, "by": 3])
        try room.discardVM()
        ann.disconnect()
        room.disk = .full
        let bob = room.join()
        room.disk = .works
        _ = bob
        room.advance(50)
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.lastEvent == 0)
        room.advance(3_000)
        #expect(back.acks.map(\.id) == [1])
        #expect(back.cells["n"] == 3)
    }

    @Test("an event sent again while its handler waits is not run twice")
    func sentAgain() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("add", ["ms": 100, "by": 3])
        ann.disconnect()
        let back = room.join(resume: ann)
        back.send("add", ["ms": 100, "by": 3])
        room.advance(500)
        #expect(back.acks.map(\.id) == [1])
        #expect(back.cells["n"] == 3)
    }

    @Test("a restart forgets a waiting event, and its sender sends it again")
    func restart() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("say", ["text": "x"])
        ann.start("add", ["ms": 100, "by": 3])
        ann.start("say", ["text": "y"])
        room.pump()
        let before = ann
        try room.restart()
        let back = room.join(resume: before)
        #expect(back.lastJoined?.lastEvent == 1)
        back.send("add", ["ms": 100, "by": 3])
        back.send("say", ["text": "y"])
        room.advance(200)
        #expect(back.cells["n"] == 3)
        #expect(back.cells["log"] == ["x", "y"])
    }

    @Test("a participant that leaves ends its waiting event, and nothing of it remains")
    func leave() throws {
        let room = try Self.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("blind")
        room.handle(.leave(ann.connection))
        room.pump()
        room.advance(1_000)
        #expect(bob.cells["n"] == 0)
        #expect(bob.cells["log"] == [])
        #expect(room.machine.stats.lostBindings == 1)
        #expect(bob.faults.isEmpty)
    }

    @Test("waits have limits, and lifecycle functions may not wait")
    func limits() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("forever")
        room.advance(10_000)
        #expect(ann.errors.last?.failure.code == "budget_exceeded")
        #expect(ann.errors.last?.failure.details.object?["kind"] == "waits")
        ann.send("long")
        #expect(ann.errors.last?.failure.message.contains("ctx.sleep takes milliseconds, from 0 to 600000") == true)
        let tight = try Self.room { $0.waitingMax = 1 }
        let one = tight.join()
        let two = tight.join()
        one.send("add")
        two.send("add")
        #expect(two.errors.map(\.failure.code) == ["rate_limited"])
    }

    @Test("a timer's handler waits, is used up with its commit, and ends when its timer is cancelled")
    func timers() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("later", ["ms": 10])
        room.advance(50)
        #expect(ann.cells["n"] == 0)
        room.advance(200)
        #expect(ann.cells["n"] == 1)
        ann.send("later", ["ms": 10])
        let id = try #require(ann.acks.last?.result)
        room.advance(50)
        ann.send("stop", ["id": id])
        room.advance(500)
        #expect(ann.cells["n"] == 1)
        #expect(room.machine.stats.lostBindings == 1)
        ann.send("later", ["ms": 10])
        room.advance(50)
        try room.restart()
        room.advance(500)
        #expect(room.machine.describe().cells["n"] == 2)
    }

    @Test("server calls with one key share one run, and messages of other rooms run once")
    func callsAndDeliveries() throws {
        let room = try Self.room()
        let data: Value = ["ms": 100, "by": 2]
        room.handle(.call(token: 1, ServerCall(name: "add", data: data, key: "k")))
        room.pump()
        room.handle(.call(token: 2, ServerCall(name: "add", data: data, key: "k")))
        let delivery = Delivery(id: "d1", from: "x", to: "lobby", event: "add", data: data)
        room.handle(.delivery(delivery))
        room.pump()
        room.handle(.delivery(delivery))
        room.pump()
        #expect(room.called[1] == nil)
        room.advance(300)
        #expect(try room.called[1]?.get().seq == room.called[2]?.get().seq)
        #expect(room.called[1] != nil)
        #expect(room.machine.describe().cells["n"] == 4)
    }

    @Test("a room that closes tells callers whose handlers wait, and is quiet at once")
    func closing() throws {
        let room = try Self.room()
        let ann = room.join()
        ann.send("add", ["ms": 60_000])
        room.handle(.call(token: 1, ServerCall(name: "add", data: ["ms": 60_000], key: "k")))
        room.pump()
        room.handle(.draining(true))
        room.handle(.close(.restarting(retryAfterMs: 500)))
        room.pump()
        #expect(room.machine.hasWork == false)
        #expect(ann.bye?.code == 1012)
        guard case .failure(let failure)? = room.called[1] else {
            Issue.record("the caller was not told")
            return
        }
        #expect(failure.code == "shutting_down" && failure.retryable)
        try room.restart()
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.lastEvent == 0)
    }
}
