import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("Handlers that ask a participant")
struct AskTests {
    private func pair() throws -> (SimulatedRoom, SimulatedClient, SimulatedClient) {
        let room = try WaitTests.room()
        return (room, room.join(name: "Ann"), room.join(name: "Bob"))
    }

    @Test("get the answer, and the run that follows a conflict does not ask again")
    func answer() throws {
        let (room, ann, bob) = try pair()
        ann.send("ask", ["who": .string(bob.session), "timeout": 5_000])
        let ask = try #require(bob.asks.first)
        #expect(ask.name == "agree?")
        #expect(ask.timeoutMs == 5_000)
        bob.answer(ask.id, ["text": "yes"])
        #expect(ann.acks.map(\.result) == [["text": "yes"]])
        #expect(bob.cells["log"] == ["yes"])
        room.machine.forceConflicts(of: "ask", times: 2)
        ann.send("ask", ["who": .string(bob.session), "timeout": 5_000])
        #expect(bob.asks.count == 2)
        bob.answer(bob.asks[1].id, ["text": "again"])
        #expect(bob.asks.count == 2)
        #expect(ann.acks.last?.runs == 3)
        #expect(bob.cells["log"] == ["yes", "again"])
    }

    @Test("ask again when a conflict has changed the question")
    func anotherQuestion() throws {
        let (room, ann, bob) = try pair()
        defer { withExtendedLifetime(room) {} }
        ann.send("ask", ["who": .string(bob.session), "timeout": 5_000])
        bob.send("now", ["n": 9])
        bob.answer(try #require(bob.asks.first).id, ["text": "to the old question"])
        #expect(bob.asks.map(\.data) == [["n": 0], ["n": 9]])
        #expect(bob.asks[0].id != bob.asks[1].id)
        bob.answer(bob.asks[1].id, ["text": "to the new one"])
        #expect(bob.cells["log"] == ["to the new one"])
        #expect(ann.acks.map(\.runs) == [2])
    }

    /// What Bob answers to the first question was taken for an answer to the second, which he had not seen.
    @Test("ask by another name after a restart when they ask something else, and else by the same", arguments: [0, 9])
    func restart(n: Int64) throws {
        let (room, ann, bob) = try pair()
        bob.send("now", ["n": 0])
        ann.start("ask", ["who": .string(bob.session), "timeout": 60_000])
        room.pump()
        let first = try #require(bob.asks.first)
        bob.send("now", ["n": .int(n)])
        try room.restart()
        let (annBack, bobBack) = (room.join(resume: ann), room.join(resume: bob))
        annBack.send("ask", ["who": .string(bobBack.session), "timeout": 60_000])
        let second = try #require(bobBack.asks.first)
        #expect(second.data == ["n": .int(n)] && (second.id == first.id) == (n == 0))
        bobBack.answer(first.id, ["text": "to the first"])
        #expect(bobBack.errors.map(\.failure.code) == (n == 0 ? [] : ["unknown_ask"]))
        bobBack.answer(second.id, ["text": "to the second"])
        #expect(annBack.acks.count == 1)
        #expect(annBack.cells["log"] == (n == 0 ? ["to the first"] : ["to the second"]))
    }

    @Test("get nil when time runs out, when the participant leaves, and when there is none")
    func nothing() throws {
        let (room, ann, bob) = try pair()
        ann.send("ask", ["who": .string(bob.session), "timeout": 1_000])
        room.advance(1_000)
        #expect(ann.cells["log"] == ["nothing"])
        bob.answer(bob.asks[0].id, ["text": "late"])
        #expect(bob.errors.map(\.failure.code) == ["unknown_ask"])
        ann.send("ask", ["who": .string(bob.session), "timeout": 60_000])
        room.handle(.leave(bob.connection))
        room.pump()
        #expect(ann.cells["log"] == ["nothing", "nothing"])
        ann.send("ask", ["who": "nobody", "timeout": 60_000])
        #expect(ann.cells["log"] == ["nothing", "nothing", "nothing"])
    }

    @Test("are answered by the one who was asked only")
    func others() throws {
        let (room, ann, bob) = try pair()
        defer { withExtendedLifetime(room) {} }
        ann.send("ask", ["who": .string(bob.session), "timeout": 1_000])
        ann.answer(bob.asks[0].id, ["text": "not mine to say"])
        #expect(ann.errors.map(\.failure.code) == ["unknown_ask"])
        #expect(ann.acks.isEmpty)
    }

    @Test("ask again after the participant's return")
    func returns() throws {
        let (room, ann, bob) = try pair()
        ann.send("ask", ["who": .string(bob.session), "timeout": 60_000])
        bob.disconnect()
        room.advance(1_000)
        let back = room.join(resume: bob)
        let ask = try #require(back.asks.first)
        #expect(ask.id == bob.asks.first?.id)
        #expect(ask.timeoutMs == 59_000)
        back.answer(ask.id, ["text": "back"])
        #expect(ann.acks.count == 1)
    }

    @Test("ask nothing on the strength of what is not on disk")
    func durable() throws {
        let (room, ann, bob) = try pair()
        room.disk = .held
        bob.start("now", ["n": 4])
        ann.start("ask", ["who": .string(bob.session), "timeout": 60_000])
        room.pump()
        #expect(bob.asks.isEmpty)
        room.disk = .full
        room.settleWrites()
        room.disk = .works
        room.pump()
        #expect(bob.asks.map(\.data) == [["n": 0]])
        #expect(bob.errors.map(\.failure.code) == ["storage_unavailable"])
        bob.answer(bob.asks[0].id, ["text": "ok"])
        #expect(ann.acks.count == 1)
    }
}
