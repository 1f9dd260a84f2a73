import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// Before, what calls with keys were answered, and which deliveries had come, grew in memory for the life of a room.
@Suite("Calls with an idempotency key")
struct KeyedCallTests {
    private func room() throws -> SimulatedRoom { try SimulatedRoom(SampleRecipes.chat) }

    private func call(_ room: SimulatedRoom, _ token: UInt64, _ key: String?, _ n: Int64 = 1) -> Result<Ack, Failure>? {
        room.handle(.call(token: token, ServerCall(name: "tick", data: ["by": .int(n)], key: key)))
        room.pump()
        return room.called[token]
    }

    @Test("get the first answer again, after a restart too")
    func again() throws {
        let room = try room()
        let first = try #require(call(room, 1, "k"))
        #expect(call(room, 2, "k") == first)
        try room.restart()
        #expect(call(room, 3, "k") == first)
        #expect(try call(room, 4, "other")?.get().seq == first.get().seq + 1)
    }

    @Test("are refused when the key was used for another request, after a restart too")
    func reused() throws {
        let room = try room()
        _ = call(room, 1, "k")
        #expect(call(room, 2, "k", 2) == .failure(.keyReused))
        try room.restart()
        #expect(call(room, 3, "k", 2) == .failure(.keyReused))
    }

    @Test("are remembered up to a limit, on disk and in memory alike, the oldest forgotten first")
    func bounded() throws {
        let room = try room()
        let total: UInt64 = 4_096 + 100
        for token in 1...total {
            room.handle(.call(token: token, ServerCall(name: "tick", data: ["by": 1], key: "k\(token)")))
        }
        room.pump()
        let last = try #require(room.called[total]).get()
        let marks = try #require(try room.store.load(room: room.id)).marks
        #expect(marks.count == 4_096)
        for _ in 0..<2 {
            #expect(try call(room, total + 1, "k\(total)")?.get().seq == last.seq)
            #expect(try call(room, total + 2, "k101")?.get().seq == room.called[101]?.get().seq)
            try room.restart()
        }
        #expect(try #require(call(room, total + 3, "k1")).get().seq == last.seq + 1)
    }

    @Test("that failed with what may be tried again run anew")
    func retried() throws {
        let room = try room()
        room.disk = .held
        room.handle(.call(token: 1, ServerCall(name: "tick", data: ["by": 1], key: "k")))
        room.pump()
        room.disk = .full
        room.settleWrites()
        #expect(throws: Failure.self) { try room.called[1]?.get() }
        room.disk = .works
        room.advance(2_000)
        #expect(try call(room, 2, "k")?.get().seq == 2)
    }
}
