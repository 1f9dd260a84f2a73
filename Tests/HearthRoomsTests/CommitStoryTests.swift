import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("The story of a commit")
struct CommitStoryTests {
    private func story(of seq: UInt64, in room: SimulatedRoom) throws -> CommitStory {
        try CommitStory(try #require(try room.store.facts(room: "lobby", after: seq - 1, limit: 1).first))
    }

    @Test("says only that it ran, when there is no more to tell")
    func plain() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        ann.send("say", ["text": "hi"])
        let story = try story(of: ann.acks[0].seq, in: room)
        #expect(story.commit.by == ann.session && story.eventID == 1 && story.commit.event == "say")
        #expect(story.data == ["text": "hi"])
        #expect(story.runs == 1 && story.basis == nil)
        #expect(story.conflicts.isEmpty && story.waits.isEmpty && story.merged.isEmpty)
        #expect(story.recipeVersion == 1 && story.recipeHash == room.source.hash)
        #expect(story.commit.patch == ann.commits.last?.patch)
    }

    @Test("tells what each run that was rolled back had met, and what was waited for")
    func conflict() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("add", ["ms": 100, "by": 1])
        bob.send("now", ["n": 10])
        room.advance(100)
        let story = try story(of: ann.acks[0].seq, in: room)
        #expect(story.runs == 2)
        let conflict = try #require(story.conflicts.first)
        #expect(conflict.cell == "n" && conflict.path == "" && conflict.expected == 0 && conflict.actual == 10)
        #expect(conflict.event == "now" && conflict.participant == bob.session)
        #expect(conflict.seq == bob.acks[0].seq)
        #expect(conflict.line != nil)
        #expect(story.waits == [.slept(ms: 100)])
    }

    @Test("tells what was asked and answered, and what was merged with which commits")
    func questionsAndMerges() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("ask", ["who": .string(bob.session), "timeout": 5_000])
        bob.answer(bob.asks[0].id, ["text": "yes"])
        let asked = try story(of: ann.acks[0].seq, in: room)
        #expect(
            asked.waits == [
                .asked(
                    session: bob.session, name: "agree?", data: ["n": 0], answer: ["text": "yes"], timeoutMs: 5_000)
            ])
        ann.send("wait_sum", ["v": 1])
        bob.send("set_all", ["n": 5, "s": "x"])
        room.advance(100)
        let merged = try story(of: ann.acks[1].seq, in: room)
        #expect(merged.merged == ["sum"])
        #expect(merged.basis == bob.acks[0].seq - 1)
    }

    @Test("tells an answer of null from none")
    func noAnswer() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        for n in 0..<2 { ann.send("ask", ["who": .string(bob.session), "timeout": .int(Int64(1_000 + n))]) }
        room.advance(1_000)
        bob.answer(try #require(bob.asks.last).id, .null)
        let answers = try ann.acks.map { ack -> Value? in
            guard case .asked(_, _, _, let answer, _)? = try story(of: ack.seq, in: room).waits.first else {
                Issue.record("it did not ask")
                return nil
            }
            return answer
        }
        #expect(answers == [nil, .null], "\(ann.errors)")
    }

    @Test("an answer reads back from its mark, with all its details")
    func answers() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("reject")
        bob.send("now", ["n": 10])
        room.advance(100)
        ann.send("nothing")
        let marks = try #require(try room.store.load(room: "lobby")).marks.filter { $0.session == ann.session }
        try #require(marks.map(\.event) == [1, 2])
        guard case .error(let failure) = try Answer(marks[0]), case .ack(let ack) = try Answer(marks[1]) else {
            Issue.record("the answers are of another kind")
            return
        }
        #expect(failure == ann.errors[0].failure)
        #expect(ack == ann.acks[0])
    }

    @Test("what no room has written is refused, and says which fact it is")
    func corrupt() throws {
        for content in ["[]", "{}", "{\"at\":1,\"patch\":7}", "{\"at\":1"] {
            let fact = Fact(seq: 3, parent: .zero, content: Array(content.utf8))
            let error = #expect(throws: RoomError.self) { try CommitStory(fact) }
            #expect(error?.message.contains("fact 3") == true)
        }
    }
}
