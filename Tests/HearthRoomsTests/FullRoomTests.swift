import HearthRecipes
import HearthStore
import HearthValues
import Testing

@testable import HearthRooms

/// A stranger filled a room's sessions within seconds by coming and going, and until they had expired nobody could join.
@Suite("A full room")
struct FullRoomTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "test", version = 1,
          cells = {
            n = t.integer { default = 0 }, left = t.list(t.string()),
            cursor = t.integer { default = 0 } :per "session" :ephemeral(),
            own = t.integer { default = 0 } :per "session",
          },
          on = { leave = function(cells, _, ctx) cells.left:push(ctx.who.session) end },
          handlers = { add = function(cells) cells.n:increment(1) end },
        }
        """

    private func room(of most: Int) throws -> SimulatedRoom {
        var limits = RoomLimits()
        limits.sessionsMax = most
        return try SimulatedRoom(Self.recipe, limits: limits)
    }

    private func left(_ client: SimulatedClient) -> [String] {
        client.cells["left"]?.list?.compactMap(\.string) ?? []
    }

    @Test("lets newcomers in for those who are away, and others see these leave")
    func places() throws {
        let room = try room(of: 3)
        let ann = room.join()
        let bob = room.join()
        let cid = room.join()
        bob.disconnect()
        cid.disconnect()
        let dan = room.join()
        #expect(dan.lastJoined != nil && room.machine.sessions.count == 3)
        #expect(left(ann) == [bob.session] && ann.cells["own@\(bob.session)"] == nil && ann.faults.isEmpty)
        #expect(ann.cells == dan.cells)
        #expect(room.log.contains { $0.message.contains("the room is full") })
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == false && left(ann) == [bob.session, cid.session])
    }

    @Test("refuses newcomers when everybody is there")
    func refuses() throws {
        let room = try room(of: 2)
        let ann = room.join()
        _ = room.join()
        let cid = room.join()
        #expect(cid.refused?.code == "rate_limited" && cid.lastJoined == nil)
        ann.send("add")
        #expect(ann.acks.count == 1 && left(ann).isEmpty)
        // Who left makes place without anybody's end.
        room.handle(.leave(ann.connection))
        room.pump()
        #expect(room.join().lastJoined != nil)
    }

    @Test("ends first those who never did anything, then those who came by, then those away longest")
    func order() throws {
        let room = try room(of: 6)
        let ann = room.join()
        let settled = (0..<2).map { _ in room.join() }
        room.advance(60_000)
        for client in settled { client.send("add") }
        for client in settled { client.disconnect() }
        let brief = room.join()
        brief.send("add")
        brief.disconnect()
        let pointed = room.join()
        room.handle(.set(pointed.connection, cell: "cursor", value: 4))
        room.pump()
        pointed.disconnect()
        let idle = room.join()
        idle.disconnect()
        var ended: [String] = []
        for expected in [idle, brief, pointed, settled[0], settled[1]] {
            #expect(room.join().lastJoined != nil)
            ended.append(expected.session)
            #expect(left(ann) == ended)
        }
        #expect(room.join().refused?.code == "rate_limited")
    }

    @Test("keeps the place of somebody who is away for a moment while a stranger comes and goes")
    func churn() throws {
        let room = try room(of: 50)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        bob.send("add")
        room.advance(61_000)
        bob.disconnect()
        for number in 0..<500 {
            let stranger = room.join()
            #expect(stranger.refused == nil)
            if number % 2 == 0 { stranger.send("add") }
            stranger.disconnect()
            room.advance(10)
        }
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == true && back.session == bob.session)
        back.send("add")
        #expect(back.cells["n"] == 252 && ann.cells["n"] == 252 && ann.faults.isEmpty)
        #expect(room.machine.departures.count <= 51)
    }

    @Test("takes back those whose sessions were there before a restart, and others for those who never did anything")
    func restart() throws {
        let room = try room(of: 3)
        let clients = (0..<3).map { _ in room.join() }
        clients[0].send("add")
        clients[2].send("add")
        try room.restart()
        let dan = room.join()
        #expect(dan.lastJoined != nil && left(dan) == [clients[1].session])
        #expect(room.join(resume: clients[0]).lastJoined?.resumed == true)
        #expect(room.join(resume: clients[2]).lastJoined?.resumed == true)
        #expect(room.join().refused?.code == "rate_limited")
    }

    @Test("ends nobody when the disk refuses the newcomer")
    func disk() throws {
        let room = try room(of: 2)
        let ann = room.join()
        let bob = room.join()
        bob.send("add")
        bob.disconnect()
        room.disk = .full
        let cid = room.join()
        #expect(cid.refused?.code == "storage_unavailable" && cid.lastJoined == nil)
        room.disk = .works
        #expect(room.machine.sessions.count == 2 && room.machine.endings == 0)
        let back = room.join(resume: bob)
        #expect(back.lastJoined?.resumed == true && left(ann).isEmpty && ann.faults.isEmpty)
    }

    /// A flood of joins on a full room must not cost as much as the room is large.
    @Test("keeps no more of departures than of sessions, whoever comes and goes")
    func hints() throws {
        let room = try room(of: 20)
        var clients = (0..<10).map { _ in room.join() }
        for round in 0..<300 {
            let place = round % clients.count
            clients[place].disconnect()
            clients[place] = room.join(resume: clients[place])
            #expect(clients[place].lastJoined?.resumed == true)
        }
        #expect(room.machine.departures.count <= 20)
        for client in clients { client.disconnect() }
        room.advance(200_000)
        #expect(room.machine.sessions.isEmpty && room.machine.departures.count == 0 && room.machine.endings == 0)
    }
}
