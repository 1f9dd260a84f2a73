import HearthRecipes
import HearthRooms
import HearthValues
import Testing

/// What a PartySocket client says and hears, without the socket.
@Suite("Raw messages")
struct RawMessageTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "test",
          cells = { log = t.list(t.any()), n = t.integer() },
          handlers = {
            ask = function(cells, data, ctx) cells.log:push(ctx.ask(data.who, "yes?", {}) or "nobody") end,
          },
          messages = {
            put = function(cells, message, ctx)
              cells.log:push(message.text)
              ctx.broadcast { type = "put", text = message.text }
              ctx.reply { type = "kept" }
            end,
            fail = function(cells) cells.log:push("x") error("no") end,
            nap = function(cells, _, ctx) ctx.sleep(100) cells.log:push("nap") end,
            count = function(cells) local n = cells.n:get() cells.n = n + 1 end,
            ["*"] = function(_, message, ctx) ctx.broadcast(message, { to_sender = true }) end,
          },
        }
        """

    private func pair() throws -> (SimulatedRoom, SimulatedClient, SimulatedClient) {
        let room = try SimulatedRoom(Self.recipe)
        return (room, room.join(name: "Ann", state: .messages), room.join(name: "Bob", state: .messages))
    }

    private func say(_ type: String, _ more: Object, _ client: SimulatedClient, _ room: SimulatedRoom) {
        var message = more
        message["type"] = .string(type)
        room.handle(.message(client.connection, type: type, .object(message)))
        room.pump()
    }

    @Test("run their handler; what it says reaches whom it is for, and commits reach nobody who speaks raw JSON")
    func handler() throws {
        let (room, ann, bob) = try pair()
        let page = room.join(name: "Cleo")
        say("put", ["text": "hi"], ann, room)
        #expect(ann.signals.map(\.data) == [["type": "kept"]])
        #expect(bob.signals.map(\.data) == [["type": "put", "text": "hi"]])
        #expect(bob.signals.map(\.kind) == [.broadcast])
        #expect(page.cells["log"] == ["hi"])
        #expect(page.commits.map(\.event) == ["put"])
        #expect(ann.commits.isEmpty && bob.commits.isEmpty && ann.acks.isEmpty)
        #expect(ann.lastJoined?.cells == Object())
    }

    @Test("of any other type go to messages[\"*\"]")
    func other() throws {
        let (room, ann, bob) = try pair()
        say("wave", ["far": true], ann, room)
        #expect(bob.signals.map(\.data) == [["type": "wave", "far": true]])
        #expect(ann.signals.count == 1)
    }

    @Test("that fail leave no trace and are answered with an error")
    func failing() throws {
        let (room, ann, bob) = try pair()
        say("fail", [:], ann, room)
        #expect(ann.errors.map(\.failure.code) == ["handler_failed"])
        #expect(ann.errors.allSatisfy { $0.id == nil })
        #expect(bob.errors.isEmpty && bob.signals.isEmpty)
        #expect(room.machine.cells["log"] == [])
    }

    @Test("leave only once they are on disk; a refusing disk is told to their sender")
    func durable() throws {
        let (room, ann, bob) = try pair()
        room.disk = .held
        say("put", ["text": "hi"], ann, room)
        #expect(bob.signals.isEmpty)
        room.disk = .full
        room.settleWrites()
        room.pump()
        #expect(ann.errors.map(\.failure.code) == ["storage_unavailable"])
        #expect(bob.signals.isEmpty && ann.signals.isEmpty)
        room.disk = .works
        say("put", ["text": "again"], ann, room)
        #expect(room.machine.cells["log"] == ["again"])
    }

    @Test("keep their order behind one that waits")
    func order() throws {
        let (room, ann, bob) = try pair()
        for type in ["nap", "put"] {
            room.handle(.message(ann.connection, type: type, ["type": .string(type), "text": "after"]))
        }
        room.pump()
        say("put", ["text": "other"], bob, room)
        #expect(room.machine.cells["log"] == ["other"])
        room.advance(100)
        #expect(room.machine.cells["log"] == ["other", "nap", "after"])
    }

    @Test("meet conflicts like events and run again")
    func conflicts() throws {
        let (room, ann, _) = try pair()
        room.machine.forceConflicts(of: "count", times: 2)
        say("count", [:], ann, room)
        #expect(room.machine.cells["n"] == 1)
        #expect(room.machine.stats.conflicts == 2)
        #expect(ann.errors.isEmpty)
    }

    @Test("that wait when the room closes are told so: nobody sends them again")
    func closing() throws {
        let (room, ann, _) = try pair()
        say("nap", [:], ann, room)
        room.handle(.close(.restarting(retryAfterMs: 100)))
        room.pump()
        #expect(ann.errors.map(\.failure.code) == ["shutting_down"])
        #expect(ann.bye?.code == 1012)
    }

    @Test("have no answer to a question: whoever asks does not wait for one")
    func asked() throws {
        let (room, ann, _) = try pair()
        let page = room.join(name: "Cleo")
        page.send("ask", ["who": .string(ann.session)])
        #expect(page.cells["log"] == ["nobody"])
        #expect(ann.asks.isEmpty)
    }

    @Test("of a session that was begun again with the same secret reach that session")
    func sameSecret() throws {
        let room = try SimulatedRoom(Self.recipe)
        func join(_ connection: ConnectionID, _ id: String) {
            let fresh = SessionCredentials(id: id, secret: "party:k")
            room.clients[connection] = SimulatedClient(connection: connection, room: room)
            room.handle(
                .join(connection, Join(resume: "party:k", state: .messages, trace: "t", fresh: fresh)))
        }
        join(1, "first")
        room.pump()
        // It leaves, and is back before its end is on disk: another session with the secret of the first.
        room.disk = .held
        room.handle(.leave(1))
        join(2, "second")
        room.pump()
        room.disk = .works
        room.settleWrites()
        room.pump()
        #expect(room.clients[2]?.lastJoined?.session == "second")
        room.handle(.disconnected(2))
        join(3, "third")
        room.pump()
        #expect(room.clients[3]?.lastJoined?.session == "second")
        #expect(room.clients[3]?.lastJoined?.resumed == true)
    }
}
