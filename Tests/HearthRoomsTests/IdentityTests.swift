import HearthRecipes
import HearthRooms
import HearthValues
import Testing

@Suite("A participant with a token")
struct IdentityTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe { name = "ids", version = 1,
          cells = { n = t.integer { default = 0 }, hidden = t.integer { default = 7 } :read "judge" },
          handlers = {
            add = function(cells, data) cells.n = cells.n + 1; cells.hidden = cells.hidden + 1 end,
            judged = { allow = "judge", run = function(cells, data, ctx) cells.n = 100; return ctx.who and ctx.who.name end },
          } }
        """

    private func ann(_ roles: [String] = ["member"]) -> Identity { Identity(user: "ann", name: "Ann", roles: roles) }

    @Test func `comes back to its session only as the same user`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let first = room.join(identity: ann())
        let anonymous = room.join(name: "Bob")
        first.disconnect()
        anonymous.disconnect()
        #expect(room.join(identity: Identity(user: "eve"), resume: first).refused?.code == "forbidden")
        #expect(room.join(resume: first).refused?.code == "forbidden")
        #expect(room.join(identity: ann(), resume: anonymous).refused?.code == "forbidden")
        #expect(room.join(identity: ann(), resume: first).lastJoined?.resumed == true)
        #expect(room.join(resume: anonymous).lastJoined?.resumed == true)
        try room.restart()
        #expect(room.join(identity: Identity(user: "eve"), resume: first).refused?.code == "forbidden")
        #expect(room.join(identity: ann(), resume: first).lastJoined?.resumed == true)
    }

    @Test func `sees and may do from a fresh token on what that says`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let client = room.join(identity: ann())
        let other = room.join(identity: Identity(user: "bob", roles: ["member"]))
        client.send("add")
        #expect(client.cells["hidden"] == nil && client.cells["n"] == 1)
        client.send("judged")
        #expect(client.errors.last?.1.code == "forbidden")

        room.handle(.identify(client.connection, ann(["judge"])))
        room.pump()
        #expect(client.cells["hidden"] == 8)
        client.send("judged")
        #expect(client.acks.last?.result == "Ann" && client.faults.isEmpty)
        client.send("add")
        #expect(client.cells["hidden"] == 9 && other.cells["hidden"] == nil && other.cells["n"] == 101)

        room.handle(.identify(client.connection, ann()))
        room.pump()
        #expect(client.cells["hidden"] == nil)
        client.send("add")
        #expect(
            client.cells["hidden"] == nil && client.cells["n"] == 102 && client.faults.isEmpty && other.faults.isEmpty)
        // Somebody else's identity changes nothing.
        room.handle(.identify(client.connection, Identity(user: "eve", roles: ["judge"])))
        room.pump()
        #expect(client.cells["hidden"] == nil)
    }

    @Test func `that comes back with other roles is shown all of what it may see now`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let client = room.join(identity: ann())
        client.disconnect()
        let back = room.join(identity: ann(["judge"]), resume: client)
        #expect(back.lastJoined?.resumed == true && back.cells["hidden"] == 7)
        #expect(back.lastJoined?.you.roles == ["judge"])
    }

    @Test func `sees what it may see also when its connection breaks before it was shown that`() throws {
        let room = try SimulatedRoom(Self.recipe)
        let client = room.join(identity: ann())
        client.send("add")
        client.losesState = true
        room.handle(.identify(client.connection, ann(["judge"])))
        room.pump()
        client.disconnect()
        let back = room.join(identity: ann(["judge"]), resume: client)
        #expect(back.lastJoined?.resumed == true && back.cells["hidden"] == 8)
        // Who has seen commits since goes on with those it missed.
        back.send("add")
        back.disconnect()
        let again = room.join(identity: ann(["judge"]), resume: back)
        #expect(again.lastJoined?.cells == nil && again.cells["hidden"] == 9)
    }

    @Test func `is held to what a handler allows by the other door too`() throws {
        let room = try SimulatedRoom(Self.recipe)
        room.handle(.call(token: 1, ServerCall(name: "judged", isTrusted: false)))
        room.handle(.call(token: 2, ServerCall(name: "judged")))
        room.handle(.call(token: 3, ServerCall(name: "add", isTrusted: false)))
        room.pump()
        guard case .failure(let failure)? = room.called[1], case .success? = room.called[2],
            case .success? = room.called[3]
        else {
            Issue.record("\(room.called)")
            return
        }
        #expect(failure.code == "forbidden")
    }
}
