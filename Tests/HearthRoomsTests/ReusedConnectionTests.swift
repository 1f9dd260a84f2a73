import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// A server gives the numbers of connections that are gone to new ones. What was meant for the old one must not reach
/// the new: clients under `--faults` got the answers of others before they were told that they had joined. The answer
/// to an event that was sent again, and had waited behind the first, went to the number on which it came; so did the
/// farewell of a session that had ended, and with it a stranger's socket was closed.
@Suite("A connection whose number was another's")
struct ReusedConnectionTests {
    @Test("gets no answer to what the other sent")
    func answers() throws {
        let room = try WaitTests.room()
        func sendTwo(_ client: SimulatedClient) {
            for _ in 0..<2 { client.send("add", ["ms": 100, "by": 3]) }
        }
        let ann = room.join()
        sendTwo(ann)
        ann.disconnect()
        // What is sent again waits behind both, and comes to its turn when the first is long answered.
        let again = room.join(resume: ann)
        sendTwo(again)
        again.disconnect()
        let bob = room.join(connection: again.connection)
        let back = room.join(resume: again)
        sendTwo(back)
        room.advance(1_000)
        #expect(Set(back.acks.map(\.id)) == [1, 2])
        #expect(back.cells["n"] == 6)
        #expect(bob.acks.isEmpty && bob.errors.isEmpty)
    }

    @Test("gets no complaint about what the other sent too late")
    func complaints() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        ann.send("add", ["ms": 100, "by": 3])
        for _ in 0..<2 { ann.start("say", ["text": "behind"]) }
        ann.nextEvent = 9
        ann.start("say", ["text": "a gap"])
        room.pump()
        ann.disconnect()
        let bob = room.join(connection: ann.connection)
        room.advance(1_000)
        #expect(bob.acks.isEmpty && bob.errors.isEmpty)
        #expect(bob.cells["log"] == ["behind", "behind"])
    }

    @Test("is not closed when the other's session ends")
    func farewell() throws {
        let room = try WaitTests.room()
        let ann = room.join()
        room.disk = .held
        room.handle(.leave(ann.connection))
        room.pump()
        ann.disconnect()
        let bob = room.join(connection: ann.connection)
        room.disk = .works
        room.pump()
        #expect(bob.bye == nil)
        bob.send("now", ["n": 4])
        #expect(bob.cells["n"] == 4)
    }
}
