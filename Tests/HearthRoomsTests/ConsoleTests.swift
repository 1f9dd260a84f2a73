import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// Lua that a person types into a room.
@Suite("A line typed into a room")
struct ConsoleTests {
    private static let tally = """
        local t = require "hearth.types"
        local rules = require "rules"
        return recipe {
          name = "test", version = 1,
          cells = {
            total = t.integer { default = 0 },
            user = t.object { name = t.string { default = "Guest" } } :per "session",
            secret = t.string { default = "psst" } :private() :per "session",
            log = t.list(t.object { by = t.link "user", n = t.integer() }),
            card = t.object { text = t.string() } :many(),
            top = t.link "card",
          },
          derived = { double = function(cells) return rules.double(cells.total) end },
          watch = { total = function(cells, change) if cells.total > 100 then cells.total = 100 end end },
          handlers = {
            repl = function(cells) cells.total = -1 end,
            add = function(cells, data) cells.total = cells.total + (data.n or 1) end,
            note = function(cells, data) cells.log:push { by = cells.user, n = data.n } end,
            later = function(cells, _, ctx) ctx.after(1000, "add", {}) end,
          },
        }
        """

    private func room() throws -> SimulatedRoom {
        try SimulatedRoom(
            Self.tally,
            modules: [.init(path: "rules.lua", text: "return { double = function(n) return n * 2 end }")])
    }

    private func write(_ lua: String, in room: SimulatedRoom) throws -> Ack {
        room.called[77] = nil
        room.handle(.call(token: 77, RoomConsole.call(lua, by: "root")))
        room.pump()
        return try #require(room.called[77]).get()
    }

    private func values(_ result: Value?) -> Value? { result?.object?["values"] }

    @Test(
        "shows what it returns and prints",
        arguments: [
            ("return 1, nil, \"x\"", "[[1],[],[\"x\"]]"), ("return", "[]"), ("return nil", "[[]]"),
            ("return cells.total", "[[0]]"), ("return cells.double", "[[0]]"), ("return {}", "[[{}]]"),
            ("return hearth.list {}", "[[[]]]"), ("return { a = { 1, 2 } }", "[[{\"a\":[1,2]}]]"),
            ("return hearth.null", "[[null]]"), ("return false", "[[false]]"),
            ("local n = 0 for _ in pairs(cells.user) do n = n + 1 end return n", "[[1]]"),
            ("return ctx.room.id, #ctx.participants()", "[[\"lobby\"],[1]]"),
            ("return cells.log", "[[[{\"by\":{\"$ref\":\"user@s1#\"},\"n\":3}]]]"),
            ("return cells.log[1].by.name", "[[\"Guest\"]]"),
        ])
    func shown(lua: String, expected: String) throws {
        let room = try room()
        let ann = room.join()
        ann.send("note", ["n": 3])
        let sight = try room.machine.look(lua, now: room.now)
        let found = JSON.text(try #require(values(sight.result)))
        #expect(found == expected.replacing("user@s1", with: "user@\(ann.session)"))
    }

    @Test("sees all cells, those of participants too, and reaches them by their owners")
    func everything() throws {
        let room = try room()
        let ann = room.join()
        let all = try room.machine.look("return cells", now: room.now).result.object?["values"]?.list?[0].list?[0]
            .object
        #expect(all?["secret@\(ann.session)"] == "psst")
        #expect(all?["double"] == 0)
        let one = try room.machine.look("return cells.secret[\"\(ann.session)\"]", now: room.now)
        #expect(values(one.result) == [["psst"]])
        let family = try room.machine.look("return cells.user", now: room.now)
        #expect(values(family.result) == [[.object([ann.session: ["name": "Guest"]])]])
    }

    @Test(
        "that only looks is refused where it would change anything, with its line",
        arguments: [
            "cells.total = 1", "cells.total:increment(1)", "cells.log:push { n = 1 }", "ctx.signal('x')",
            "ctx.after(1, 'add')", "ctx.send('other', 'add')", "ctx.sleep(1)", "cells.card:new { text = 'x' }",
            "ctx.reply(1)", "ctx.broadcast {}", "ctx.cancel('x')", "cells.total:delete()",
        ])
    func looking(lua: String) throws {
        let room = try room()
        let before = room.machine.cells
        let failure = #expect(throws: Failure.self) { try room.machine.look("local a = 1\n" + lua, now: room.now) }
        #expect(failure?.message.contains("<repl>:2:") == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("it was asked to look only") == true)
        room.pump()
        #expect(room.machine.cells == before && room.machine.seq == 1)
    }

    @Test("that may write is a commit of the room, seen by those in it, with who typed it")
    func writing() throws {
        let room = try room()
        let ann = room.join()
        let ack = try write("cells.total = 500\nreturn cells.total, cells.double", in: room)
        // Watches run, and derived cells follow, as for any event.
        #expect(values(ack.result) == [[500], [1000]])
        #expect(ann.commits.last?.seq == ack.seq && ann.commits.last?.event == "hearth.repl")
        #expect(ann.commits.last?.by == nil)
        #expect(room.machine.cells["total"] == 100 && room.machine.cells["double"] == 200)
        let fact = try #require(try room.store.facts(room: "lobby", after: ack.seq - 1, limit: 1).first)
        let story = try CommitStory(fact)
        #expect(story.data == ["by": "root", "lua": "cells.total = 500\nreturn cells.total, cells.double"])
        #expect(story.recipeHash == room.source.hash)
        try room.restart()
        #expect(room.machine.cells["total"] == 100)
    }

    @Test("does all or nothing, and a failure says where")
    func failing() throws {
        let room = try room()
        let failure = #expect(throws: Failure.self) { try write("cells.total = 1\nerror(\"no\")", in: room) }
        #expect(failure?.message == "<repl>:2: no")
        #expect(failure?.details.object?["line"] == 2 && failure?.details.object?["file"] == "<repl>")
        #expect(room.machine.cells["total"] == 0 && room.machine.seq == 1)
        // The recipe's own lines are named as its own.
        let inRecipe = #expect(throws: Failure.self) {
            try room.machine.look("return require('rules').double {}", now: room.now)
        }
        #expect(inRecipe?.message.hasPrefix("rules.lua:1: ") == true)
    }

    @Test(
        "that is no Lua says so, and cannot slip out of its frame",
        arguments: ["x = = 1", ")", "end", "return 1 end local x", "goto nowhere", "x = 1", "cells.nothing = 1"])
    func malformed(lua: String) throws {
        let room = try room()
        #expect(throws: Failure.self) { try room.machine.look(lua, now: room.now) }
        #expect(room.machine.cells["total"] == 0)
    }

    @Test("waits, meets what others do meanwhile, and runs again")
    func waiting() throws {
        let room = try room()
        let ann = room.join()
        room.handle(
            .call(
                token: 1,
                RoomConsole.call(
                    "local n = cells.total:get() ctx.sleep(1000) cells.total = n + 1 return ctx.runs", by: "root")))
        room.pump()
        ann.send("add", ["n": 5])
        room.advance(1_000)
        let ack = try #require(room.called[1]).get()
        #expect(values(ack.result) == [[2]])
        #expect(room.machine.cells["total"] == 6)
    }

    @Test(
        "has the limits of an event, and the room goes on",
        arguments: [
            "while true do end", "local s = 'x' while true do s = s .. s end",
            "for i = 1, 1e6 do cells.total = i end", "pcall(function() while true do end end) return 1",
        ])
    func limits(lua: String) throws {
        let room = try room()
        let failure = #expect(throws: Failure.self) { try write(lua, in: room) }
        #expect(failure?.code == "budget_exceeded")
        #expect(room.machine.cells["total"] == 0)
        let ann = room.join()
        ann.send("add", [:])
        #expect(room.machine.cells["total"] == 1)
    }

    @Test("is passed over by a replay, and who came in is known to it")
    func replayed() throws {
        let room = try room()
        let ann = room.join(identity: Identity(user: "ann", name: "Ann", roles: ["judge"]))
        _ = try write("cells.total = 5", in: room)
        let stories = try room.store.facts(room: "lobby", after: 0, limit: 100).map { try CommitStory($0) }
        let newcomer = try #require(stories.compactMap(\.newcomer).first)
        #expect(newcomer == Participant(id: "ann", name: "Ann", roles: ["judge"], session: ann.session))
        let typed = try #require(stories.last)
        guard case .notAnEvent = EventReplay.run(typed, on: Object(), by: room.runtime, who: nil) else {
            Issue.record("a line was run again")
            return
        }
    }
}
