import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("Durable before visible")
struct DurabilityTests {
    @Test("while the disk is held, no commit and no ack leaves")
    func held() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        let seen = (ann.commits.count, bob.commits.count)
        room.disk = .held
        for index in 0..<50 { ann.start("send", ["text": .string("m\(index)")]) }
        room.pump()
        #expect((ann.commits.count, bob.commits.count) == seen)
        #expect(ann.acks.isEmpty && ann.errors.isEmpty)
        #expect(room.machine.describe().cells["count"] == .int(0))
        room.disk = .works
        room.settleWrites()
        room.pump()
        #expect(ann.acks.count == 50)
        #expect(bob.cells["count"] == .int(50))
        #expect(bob.faults.isEmpty)
    }

    @Test("when the disk refuses, the room is as it was, senders are told, and it goes on by itself")
    func refused() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("send", ["text": "kept"])
        let before = room.machine.describe()
        room.disk = .full
        for _ in 0..<5 { ann.start("send", ["text": "lost"]) }
        room.pump()
        #expect(ann.errors.map(\.failure.code) == Array(repeating: "storage_unavailable", count: 5))
        #expect(ann.errors.map(\.id) == [2, 3, 4, 5, 6])
        #expect(room.machine.describe().cells == before.cells)
        #expect(room.machine.describe().seq == before.seq)
        room.disk = .works
        ann.send("send", ["text": "again"])
        #expect(ann.acks.last?.id == 7)
        #expect(ann.cells["messages"]?.count == 2)
        #expect(ann.faults.isEmpty)
        try room.restart()
        #expect(room.machine.describe().cells["count"] == .int(2))
    }

    @Test("who was away while the disk refused is sent what it missed, and nothing of what was lost")
    func resumesAcrossRefusal() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        let bob = room.join()
        bob.disconnect()
        ann.send("send", ["text": "kept"])
        room.disk = .full
        for _ in 0..<3 { ann.start("send", ["text": "lost"]) }
        room.pump()
        room.disk = .works
        ann.send("send", ["text": "after"])
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == true && back.lastJoined?.cells == nil)
        #expect(back.commits.count == 2 && back.faults.isEmpty)
        #expect(back.cells["messages"] == ann.cells["messages"] && back.cells["messages"]?.count == 2)
        #expect(back.cells["count"] == .int(2))
    }

    @Test("a join that could not be written is refused and leaves no one behind")
    func refusedJoin() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        room.disk = .full
        let bob = room.join()
        #expect(bob.refused?.code == "storage_unavailable")
        room.disk = .works
        ann.send("send", ["text": "hi"])
        #expect(ann.acks.count == 1)
        #expect(ann.cells["user@s2"] == nil)
        #expect(room.machine.describe().participants.count == 1)
    }

    @Test("a repeat after a restart gets the first answer")
    func repeated() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("send", ["text": "a"])
        ann.send("fail")
        try room.restart()
        let back = room.join(resume: ann)
        #expect(back.lastJoined?.resumed == true)
        #expect(back.lastJoined?.lastEvent == 2)
        back.nextEvent = 1
        back.send("send", ["text": "a"])
        back.send("fail")
        #expect(back.acks == ann.acks)
        #expect(back.errors.map(\.failure) == ann.errors.map(\.failure))
        #expect(back.cells["messages"]?.count == 1)
    }

    @Test("a room that cannot be read is not opened, and not touched")
    func corrupt() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        _ = room.join()
        var stored = try #require(try room.store.load(room: "lobby"))
        let broken = Fact(seq: stored.facts[0].seq, parent: stored.facts[0].parent, content: Array("{}".utf8))
        stored.facts[0] = broken
        #expect(throws: RoomError.self) {
            try LoadedRoom(stored)
        }
    }

    @Test("snapshot plus facts give the same bytes as the live room")
    func replay() throws {
        var limits = RoomLimits()
        limits.snapshotBytesMin = 2_000
        let room = try SimulatedRoom(SampleRecipes.chat, limits: limits)
        let ann = room.join()
        for index in 0..<100 { ann.send("send", ["text": .string("m\(index)")]) }
        for _ in 0..<20 { ann.send("drop", ["index": 3]) }
        let live = room.machine.describe().cells
        let stored = try #require(try room.store.load(room: "lobby"))
        #expect(stored.snapshot != nil)
        try room.restart()
        var after = room.machine.describe().cells
        for (cell, _) in live where cell.hasPrefix("typing") { after[cell] = live[cell] }
        #expect(JSON.bytes(.object(after)) == JSON.bytes(.object(live)))
    }

    @Test("a snapshot is of what is on disk, and one at a time")
    func snapshotOfDurable() throws {
        var limits = RoomLimits()
        limits.snapshotBytesMin = 2_000
        let room = try SimulatedRoom(SampleRecipes.chat, limits: limits)
        let ann = room.join()
        func stored() throws -> StoredRoom { try #require(try room.store.load(room: "lobby")) }
        while try stored().facts.reduce(0, { $0 + $1.content.count }) < 1_500 { ann.send("send", ["text": "a"]) }
        let long: Value = ["text": .string(String(repeating: "b", count: 500))]
        room.disk = .full
        ann.send("send", long)
        #expect(ann.errors.last?.failure.code == "storage_unavailable")
        room.disk = .works
        #expect(try stored().snapshot == nil)
        ann.send("send", long)
        let snapshot = try #require(try stored().snapshot)
        #expect(try stored().facts.isEmpty)
        #expect(snapshot.seq == room.machine.describe().seq)
    }

    @Test("a snapshot that was not kept is due again when the log has grown as much once more")
    func refusedSnapshot() throws {
        var limits = RoomLimits()
        limits.snapshotBytesMin = 2_000
        let room = try SimulatedRoom(SampleRecipes.chat, limits: limits)
        let ann = room.join()
        func stored() throws -> StoredRoom { try #require(try room.store.load(room: "lobby")) }
        func log() throws -> Int { try stored().facts.reduce(0) { $0 + $1.content.count } }
        room.snapshotDisk = .full
        while try log() < 3_000 { ann.send("send", ["text": "a"]) }
        #expect(try stored().snapshot == nil)
        room.snapshotDisk = .works
        while try stored().snapshot == nil, try log() < 6_000 { ann.send("send", ["text": "a"]) }
        #expect(try stored().snapshot != nil)
        // Who loads the room counts what lies behind the last one that was kept.
        try room.restart()
        #expect(room.machine.describe().seq == (try stored()).record.seq)
    }

    /// Only commits counted: events that change nothing went on while a write hung, and their answers grew without end.
    @Test("answers that wait for a disk that hangs are limited too")
    func heldAnswers() throws {
        let room = try WaitTests.room { $0.heldMax = 10 }
        let ann = room.join()
        room.disk = .held
        for _ in 0..<100 { ann.start("nothing") }
        room.pump()
        #expect(!room.machine.hasWork)
        #expect(ann.acks.isEmpty)
        room.disk = .works
        room.pump()
        #expect(ann.acks.map(\.id) == Array(1...100))
    }
}
