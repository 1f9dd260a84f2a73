import HearthRecipes
import HearthRooms
import HearthStore
import HearthTransactions
import HearthValues
import Testing

@Suite("What two transactions changed")
struct MergeTests {
    private func run(_ handler: String, _ value: Value) throws -> (SimulatedRoom, SimulatedClient) {
        let room = try WaitTests.room()
        let ann = room.join()
        let bob = room.join()
        ann.send("set_all", ["s": "a", "n": 10])
        ann.send(handler, ["v": value])
        bob.send("set_all", ["s": "b", "n": 15])
        room.advance(100)
        return (room, ann)
    }

    @Test("last-write: the later one stands, in one run")
    func lastWrite() throws {
        let (room, ann) = try run("wait_last", "z")
        #expect(ann.cells["last"] == "z")
        #expect(ann.acks.last?.runs == 1)
        #expect(room.machine.stats.merges == 1)
        #expect(room.machine.stats.conflicts == 0)
    }

    @Test("max: the larger stands", arguments: [(3, 15), (99, 99)] as [(Int64, Int64)])
    func max(mine: Int64, result: Int64) throws {
        let (_, ann) = try run("wait_most", .int(mine))
        #expect(ann.cells["most"] == .int(result))
        #expect(ann.acks.last?.runs == 1)
    }

    @Test("a function of the recipe decides, and the fact says that it merged")
    func function() throws {
        let (room, ann) = try run("wait_sum", 3)
        // 10 before; ann makes 13 of it, bob 15: both changes count.
        #expect(ann.cells["sum"] == 18)
        #expect(ann.acks.last?.runs == 1)
        let fact = try #require(try room.store.facts(room: "lobby", after: 0, limit: 100).last)
        let content = try #require(try JSON.parse(fact.content, links: .parsed).object)
        #expect(content["merged"] == ["sum"])
        #expect(content["basis"] == .int(Int64(fact.seq) - 2))
        #expect(content["waits"] == [["sleep": 100]])
        #expect(fact.content == JSON.bytes(.object(content)), "a fact is canonical")
    }

    @Test("a function that returns nil means conflict: the handler runs again")
    func noMerge() throws {
        let (room, ann) = try run("wait_odd", "!")
        #expect(ann.cells["odd"] == "b!")
        #expect(ann.acks.last?.runs == 2)
        #expect(room.machine.stats.conflicts == 1)
        let fact = try #require(try room.store.facts(room: "lobby", after: 0, limit: 100).last)
        let content = try #require(try JSON.parse(fact.content, links: .parsed).object)
        #expect(content["runs"] == 2)
        #expect(content["conflicts"]?.list?[0].object?["cell"] == "odd")
        #expect(fact.content == JSON.bytes(.object(content)), "a fact is canonical")
    }
}
