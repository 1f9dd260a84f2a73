import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("A session")
struct SessionTests {
    @Test("outlives its socket and gets what it missed by commits alone")
    func resume() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        bob.disconnect()
        for index in 0..<20 { ann.send("send", ["text": .string("m\(index)")]) }
        room.advance(10_000)
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == true)
        #expect(back.lastJoined?.cells == nil)
        #expect(back.commits.count == 20 && back.faults.isEmpty)
        #expect(back.cells["messages"] == ann.cells["messages"])
        #expect(back.session == "s2")
        ann.send("send", ["text": "after"])
        #expect(back.cells["count"] == .int(21) && back.faults.isEmpty)
    }

    @Test("that asked for some cells resumes by commits too")
    func resumeSome() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(state: .cells(["recent"]))
        bob.disconnect()
        ann.send("send", ["text": "hi"])
        ann.send("rename", ["name": "Ann B."])
        room.handle(
            .join(
                90,
                Join(
                    resume: bob.secret, since: bob.seq, epoch: bob.epoch, state: .cells(["recent"]), trace: "t",
                    fresh: SessionCredentials(id: "s90", secret: "x"))))
        let back = SimulatedClient(connection: 90, room: room)
        back.take(over: bob)
        room.clients[90] = back
        room.pump()
        #expect(back.lastJoined?.cells == nil && back.faults.isEmpty)
        #expect(back.cells["user@s1"] == ["name": "Ann B."])
    }

    /// The state that was sent held commits of the same batch, which then came again.
    @Test("that asks for the state while events are under way gets each commit once")
    func syncUnderWay() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        for number in 0..<3 {
            ann.start("send", ["text": .string("\(number)")])
            room.handle(.syncRequest(ann.connection))
        }
        ann.start("send", ["text": "last"])
        room.pump()
        #expect(ann.faults.isEmpty && ann.acks.count == 4)
        #expect(ann.cells["count"] == .int(4) && ann.cells["messages"]?.count == 4)
    }

    /// The next to come had the number of the one that had left, and was sent away with its `bye`.
    @Test("that leaves and breaks off takes nobody else along", arguments: [SimulatedRoom.Disk.works, .full])
    func leftAndGone(disk: SimulatedRoom.Disk) throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        room.disk = .held
        room.handle(.leave(ann.connection))
        room.pump()
        room.handle(.disconnected(ann.connection))
        let bob = SimulatedClient(connection: ann.connection, room: room)
        room.clients[ann.connection] = bob
        room.handle(
            .join(
                ann.connection, Join(name: "Bob", trace: "t", fresh: SessionCredentials(id: "s9", secret: "x"))))
        room.pump()
        room.disk = disk
        room.settleWrites()
        room.disk = .works
        room.pump()
        #expect(bob.bye == nil)
        if disk == .works {
            #expect(bob.lastJoined != nil)
            #expect(room.machine.describe().participants.map(\.name) == ["Bob"])
        }
    }

    @Test("gets a full snapshot when the missed commits are no longer kept")
    func tooLate() throws {
        var limits = RoomLimits()
        limits.backlogMax = 5
        let room = try SimulatedRoom(SampleRecipes.chat, limits: limits)
        let ann = room.join()
        let bob = room.join()
        bob.disconnect()
        for index in 0..<20 { ann.send("send", ["text": .string("m\(index)")]) }
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == true && back.lastJoined?.cells != nil)
        #expect(back.cells["messages"] == ann.cells["messages"])
    }

    @Test("may speak before it has been told that it is in")
    func early() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        room.disk = .held
        let ann = SimulatedClient(connection: 50, room: room)
        room.clients[50] = ann
        room.handle(
            .join(50, Join(name: "Ann", trace: "t", fresh: SessionCredentials(id: "s50", secret: "x"))))
        ann.start("send", ["text": "one"])
        room.pump()
        ann.start("send", ["text": "two"])
        room.pump()
        #expect(ann.lastJoined == nil && ann.acks.isEmpty && ann.errors.isEmpty)
        room.disk = .works
        room.settleWrites()
        room.pump()
        #expect(ann.lastJoined != nil && ann.acks.map(\.id) == [1, 2] && ann.errors.isEmpty)
        #expect(ann.cells["messages"]?.count == 2 && ann.faults.isEmpty)
    }

    @Test("is taken over by a second socket; the first is told 4409")
    func takeover() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let second = room.join(resume: ann)
        #expect(ann.bye?.code == 4409)
        second.send("send", ["text": "hi"])
        #expect(second.acks.count == 1)
        #expect(room.machine.describe().participants.count == 1)
    }

    @Test("ends at its timeout; its cells stay as long as something links to them")
    func timeout() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        let eve = room.join(name: "Eve")
        bob.send("send", ["text": "bye"])
        bob.disconnect()
        eve.disconnect()
        room.advance(119_999)
        #expect(room.machine.describe().sessions == 3)
        room.advance(2)
        #expect(room.machine.describe().sessions == 1)
        #expect(ann.cells["user@s2"] == ["name": "Bob"])
        #expect(ann.cells["user@s3"] == nil)
        #expect(ann.cells["notes@s2"] == nil)
        ann.send("drop", ["index": 1])
        #expect(ann.cells["user@s2"] == nil, "collected with the last link")
        #expect(ann.faults.isEmpty)
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == false)
    }

    @Test("ends at once when its participant leaves")
    func leave() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        room.handle(.leave(bob.connection))
        room.pump()
        #expect(bob.bye?.code == 1000)
        #expect(ann.cells["user@s2"] == nil)
        #expect(room.machine.describe().sessions == 1)
    }

    @Test("survives a restart of the server")
    func restart() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("send", ["text": "hi"])
        try room.restart()
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.resumed == true && back.session == ann.session)
        back.send("send", ["text": "again"])
        #expect(back.acks.last?.id == 2)
        #expect(back.cells["messages"]?.count == 2)
        room.advance(121_000)
        try room.restart()
        #expect(room.machine.describe().sessions == 1)
        room.advance(121_000)
        #expect(room.machine.describe().sessions == 0)
    }
}
