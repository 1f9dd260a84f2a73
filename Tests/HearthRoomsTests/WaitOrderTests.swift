import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// What a handler that waits must not do to those around it.
@Suite("Around a handler that waits")
struct WaitOrderTests {
    /// Numbers of connections are given away again. An event that had waited behind another was answered on the number
    /// that it came by, which was somebody else's by then: that client took it for the answer to an event of its own.
    @Test("what a gone socket had sent is answered to nobody else")
    func strangers() throws {
        let room = try WaitTests.room { $0.sessionTtlMs = 5_000 }
        let ann = room.join()
        ann.start("add", ["ms": 60_000])
        ann.start("say", ["text": "behind"])
        ann.start("say", ["text": "behind that"])
        room.pump()
        ann.disconnect()
        let bob = room.join(connection: ann.connection)
        room.advance(10_000)
        #expect(room.machine.describe().sessions == 1)
        #expect(bob.errors.isEmpty && bob.acks.isEmpty && bob.bye == nil)
        bob.send("say", ["text": "mine"])
        #expect(bob.acks.map(\.id) == [1])
        #expect(bob.cells["log"] == ["mine"])
    }

    /// The farewell to a socket that had closed by itself right after its `leave` went to whoever had its number then.
    @Test("a farewell reaches nobody else either")
    func farewell() throws {
        for disk in [SimulatedRoom.Disk.works, .full] {
            let room = try WaitTests.room()
            let ann = room.join()
            room.disk = .held
            room.handle(.leave(ann.connection))
            room.pump()
            ann.disconnect()
            let bob = room.join(connection: ann.connection)
            room.disk = disk
            room.settleWrites()
            room.disk = .works
            room.pump()
            #expect(bob.bye == nil)
        }
    }

    /// What stood behind the waiting event of somebody who left was refused at once, and the waiting one after it, when the
    /// disk had its mark.
    @Test("what somebody leaves behind is answered in the order in which it was sent", arguments: [true, false])
    func leftBehind(isDiskHeld: Bool) throws {
        let room = try WaitTests.room()
        let ann = room.join()
        ann.start("add", ["ms": 60_000])
        for _ in 0..<3 { ann.start("say", ["text": "behind"]) }
        room.pump()
        if isDiskHeld { room.disk = .held }
        room.handle(.leave(ann.connection))
        room.pump()
        room.disk = .works
        room.pump()
        #expect(ann.errors.map(\.id) == [1, 2, 3, 4])
        #expect(ann.errors.map(\.failure.code) == ["handler_failed", "forbidden", "forbidden", "forbidden"])
        #expect(ann.bye?.code == 1000)
        #expect(room.machine.describe().cells["log"] == [])
    }

    /// What waits behind one handler counted against the room: a client that sent on behind a question that nobody
    /// answered had everybody else refused for minutes.
    @Test("a flood behind it is refused to its sender alone, each with an answer in order")
    func flood() throws {
        let room = try WaitTests.room {
            $0.mailboxMax = 50
            $0.behindWaitMax = 20
        }
        let ann = room.join()
        let bob = room.join()
        ann.send("add", ["ms": 60_000])
        for number in 0..<40 { ann.send("say", ["text": .string("\(number)")]) }
        for _ in 0..<60 { bob.send("nothing") }
        #expect(bob.acks.count == 60 && bob.errors.isEmpty)
        #expect(ann.bye == nil)
        room.advance(60_000)
        #expect(ann.acks.map(\.id) == Array(1...21))
        #expect(ann.errors.map(\.id) == Array(22...41))
        #expect(ann.errors.allSatisfy { $0.failure.code == "rate_limited" })
        ann.send("add", ["ms": 60_000])
        for number in 0..<50 { ann.send("say", ["text": .string("\(number)")]) }
        #expect(ann.bye?.code == 4429)
    }

    /// Whoever lost its socket again and again while its handler waited sent the same events each time, and filled the
    /// room with them.
    @Test("events that are sent again behind it are kept once, and each answered once")
    func sentAgain() throws {
        let room = try WaitTests.room { $0.behindWaitMax = 20 }
        var ann = room.join()
        ann.start("add", ["ms": 60_000])
        for number in 2...10 { ann.start("say", ["text": .string("\(number)")]) }
        room.pump()
        for _ in 0..<30 {
            ann.disconnect()
            ann = room.join(resume: ann)
            ann.start("add", ["ms": 60_000])
            for number in 2...10 { ann.start("say", ["text": .string("\(number)")]) }
            room.pump()
        }
        #expect(ann.bye == nil)
        room.advance(60_000)
        #expect(ann.acks.map(\.id) == Array(1...10))
        #expect(ann.errors.isEmpty)
        #expect(ann.cells["log"] == .list(List((2...10).map { .string("\($0)") })))
    }

    @Test("a thousand that wait, sent at once, end in their order and answer in time that grows with their number")
    func many() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        for _ in 0..<900 { ann.start("add", ["ms": 1]) }
        ann.start("say", ["text": "end"])
        room.pump()
        room.advance(10_000)
        #expect(ann.acks.map(\.id) == Array(1...901))
        #expect(ann.cells["n"] == 900)
        #expect(ann.cells["log"] == ["end"])
    }

    @Test("a timer that is set by an event from behind it counts from then")
    func timerFromBehind() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        ann.start("add", ["ms": 60_000])
        ann.start("later", ["ms": 5_000])
        room.pump()
        room.advance(64_900)
        #expect(ann.cells["n"] == 1)
        room.advance(300)
        #expect(ann.cells["n"] == 2)
    }

    /// Each of many that met conflicts got its time alone, one after the other, while all else stood still.
    @Test("a storm of long handlers lets everyone else through after one time alone")
    func storm() throws {
        let room = try WaitTests.room()
        let clients = (0..<20).map { _ in room.join() }
        for client in clients { client.start("paces", ["count": 5, "ms": 300]) }
        room.pump()
        let bob = room.join()
        var slowest: Int64 = 0
        for _ in 0..<400 {
            let (from, answered) = (room.now, bob.acks.count)
            bob.start("nothing")
            room.pump()
            while bob.acks.count == answered, room.now < from + 60_000 { room.advance(100) }
            slowest = max(slowest, room.now - from)
            room.advance(50)
        }
        #expect(slowest <= 2_100)
        room.advance(200_000)
        #expect(clients.allSatisfy { $0.acks.count + $0.errors.count == 1 })
    }

    /// The expiry of a session that had become due while the room was taken by an event alone ended it right after its
    /// return.
    @Test("a session that returned in time is not ended by its expiry that came behind it")
    func returned() throws {
        let room = try WaitTests.room {
            $0.sessionTtlMs = 1_000
            $0.conflictsBeforeAlone = 0
        }
        let ann = room.join()
        let bob = room.join()
        room.advance(10)
        bob.disconnect()
        room.advance(10)
        ann.send("add", ["ms": 1_800])
        let back = room.join(resume: bob)
        #expect(back.lastJoined == nil)
        room.advance(3_000)
        #expect(back.lastJoined?.resumed == true)
        #expect(back.bye == nil)
        back.send("nothing")
        #expect(back.acks.count == 1)
    }
}
