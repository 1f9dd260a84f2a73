import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues
import Testing

@Suite struct `A handler` {
    @Test func `emits its effects in order, and only when it succeeds`() throws {
        let room = try Room(
            cells: "n = t.integer()",
            handlers: """
                go = function(cells, data, ctx)
                  ctx.signal("a", { x = 1 }, { to = "others" })
                  ctx.signal("b", nil, { to = { ctx.who, "s9" } })
                  ctx.reply { ok = true }
                  ctx.broadcast({ hi = 1 }, { to_sender = true })
                  local id = ctx.after(500, "go", { again = true })
                  ctx.cancel(id)
                  ctx.send("other", "ping", 5)
                  ctx.log("n is", cells.n)
                  if data then error("no") end
                end
                """)
        let ann = try room.join("s1")
        try room.send("go", by: ann)
        guard case .schedule(let id, 500, "go", .object(["again": true])) = room.effects.dropFirst(4).first else {
            Issue.record("no timer in \(room.effects)")
            return
        }
        #expect(
            room.effects == [
                .signal(name: "a", data: .object(["x": 1]), to: .others),
                .signal(name: "b", data: .null, to: .sessions(["s1", "s9"])),
                .reply(.object(["ok": true])), .broadcast(.object(["hi": 1]), toSender: true),
                .schedule(id: id, afterMs: 500, handler: "go", data: .object(["again": true])), .cancel(id: id),
                .send(room: "other", event: "ping", data: 5), .log("n is\t0"),
            ])
        #expect(room.failure("go", true, by: ann)?.message.contains("recipe.lua:11: no") == true)
        #expect(room.effects.isEmpty)
    }

    @Test func `knows its context`() throws {
        let room = try Room(
            handlers: """
                go = function(cells, data, ctx)
                  local names = {}
                  for _, p in ipairs(ctx.participants()) do names[#names + 1] = p.session end
                  return { who = ctx.who, now = ctx.now, runs = ctx.runs, room = ctx.room.id, names = names, none = ctx.conflict }
                end
                """)
        let ann = try room.join("s1", name: "Ann", roles: ["admin"])
        _ = try room.join("s2")
        #expect(
            try room.send("go", by: ann, now: 77)
                == .object([
                    "who": .object(["id": "s1", "name": "Ann", "roles": .list(["admin"]), "session": "s1"]), "now": 77,
                    "runs": 1,
                    "room": "r1", "names": .list(["s1", "s2"]),
                ]))
    }

    @Test func `runs only for whom it allows`() throws {
        let room = try Room(
            cells: "n = t.integer()",
            handlers: """
                one = { allow = "admin", run = function() end }, two = { allow = { "admin", "judge" }, run = function() end },
                own = { allow = function(who, cells, data) return who ~= nil and data.id == who.id end, run = function() end },
                sly = { allow = function(who, cells) cells.n = 1 return true end, run = function() end },
                """)
        let ann = try room.join("s1"), judge = try room.join("s2", roles: ["judge"])
        #expect(room.failure("one", by: judge)?.code == "forbidden")
        #expect(room.failure("two", by: judge) == nil)
        #expect(room.failure("own", .object(["id": "s1"]), by: ann) == nil)
        #expect(room.failure("own", .object(["id": "s2"]), by: ann)?.code == "forbidden")
        #expect(room.failure("sly", by: ann)?.message.contains("may read cells and change nothing") == true)
        #expect(room.failure("one")?.code == "forbidden")
        try room.run(.handler("one"), isTrusted: true)
    }

    @Test func `has cells of its own participant`() throws {
        let room = try Room(
            cells:
                "mine = t.integer() :per \"session\", ours = t.integer() :per \"user\", here = t.boolean() :per \"session\" :ephemeral(), at = t.object { x = t.integer() } :ephemeral()",
            handlers: """
                go = function(cells)
                  cells.mine:increment(1)
                  cells.ours:increment(2)
                  cells.here = true
                  cells.at.x = 4
                  return { cells.mine, cells.here, cells.at.x }
                end
                """)
        let ann = try room.join("s1"), bob = try room.join("s2")
        try room.send("go", by: ann)
        #expect(try room.send("go", by: ann) == .list([2, true, 4]))
        try room.send("go", by: bob)
        #expect(room["mine@s1"] == "2" && room["mine@s2"] == "1" && room["ours@u:s1"] == "4")
        #expect(
            room.effects == [
                .ephemeral(cell: "here@s2", value: true), .ephemeral(cell: "at", value: .object(["x": 4])),
            ])
        #expect(room.cells.cells["at"] == nil)
        #expect(room.failure("go")?.message.contains("mine is per session, and this run has no participant") == true)
    }

    @Test func `watches run to a fixed point in the same transaction`() throws {
        let room = try Room(
            cells: "a = t.integer(), b = t.integer(), log = t.list(t.any)",
            handlers: "go = function(cells, data) cells.a = data end, ring = function(cells) cells.b = -1 end",
            rest: """
                watch = {
                  a = function(cells, change) cells.b = cells.a * 2 cells.log:push { change.before, change.value, change.cell } end,
                  b = function(cells, change, ctx)
                    if cells.b < 0 then cells.b = cells.b - 1 return end
                    if cells.b < 10 then cells.a:increment(1) end
                  end,
                }
                """)
        try room.send("go", 3)
        #expect(room["a"] == "5" && room["b"] == "10")
        #expect(room["log"] == #"[[0,3,"a"],[3,4,"a"],[4,5,"a"]]"#)
        let failure = room.failure("ring")
        #expect(failure?.message == "watches still change b after 100 rounds")
        #expect(room["b"] == "10")
    }

    @Test func `after a conflict runs what on_conflict says`() throws {
        let room = try Room(
            handlers: """
                go = { run = function() return "run" end, on_conflict = function(cells, data, ctx) return ctx.conflict.by.event end }
                """)
        let conflict = Conflict(
            cell: "a", pointer: Pointer(), expected: 1, actual: 2, winner: CommitInfo(event: "other"), winnerSeq: 3,
            readAt: 0)
        #expect(try room.run(.handler("go")) == "run")
        #expect(try room.run(.handler("go"), conflict: conflict) == "other")
    }

    @Test func `crossing a limit cannot be caught, and the next event runs`() throws {
        var limits = RecipeLimits()
        limits.instructions = 100_000
        limits.writesMax = 10
        let room = try Room(
            cells: "n = t.integer()",
            handlers: """
                spin = function(cells) cells.n = 1 pcall(function() while true do end end) end,
                write = function(cells) pcall(function() for i = 1, 100 do cells.n = i end end) end,
                fine = function(cells) cells.n:increment(1) return cells.n end
                """, limits: limits)
        let spin = room.failure("spin")
        #expect(spin?.code == "budget_exceeded")
        #expect(spin?.details.object?["kind"] == "instructions")
        #expect(spin?.details.object?["limit"] == 100_000)
        #expect(room.failure("write")?.code == "budget_exceeded")
        #expect(try room.send("fine") == 1)
        #expect(room.runtime.vmsReplaced == 1)
    }

    @Test func `keeps nothing between events`() throws {
        let room = try Room(
            """
            local t = require "hearth.types"
            local kept = {}
            return recipe { name = "test", cells = { o = t.object { n = t.integer() } }, handlers = {
              keep = function(cells) kept.o = cells.o end,
              read = function(cells) return cells.o.n end } }
            """)
        #expect(room.failure("keep")?.message.contains("state belongs in cells") == true)
        try room.runtime.discardVM()
        #expect(try room.send("read") == 0)
    }

    @Test func `raw messages and lifecycle have handlers of their own`() throws {
        let room = try Room(
            cells: "log = t.list(t.any)",
            handlers: "x = function() end",
            rest: """
                on = { create = function(cells, input) cells.log:push(input) end, migrate = function(cells, from) cells.log:push(from) end },
                messages = { hi = function(cells, m) cells.log:push(m.text) end, ["*"] = function(cells, m) cells.log:push("?") end },
                every = { { 5, "x" } }, parties = { "other" }
                """)
        try room.run(.create, .object(["a": 1]))
        try room.run(.migrate(from: 3))
        try room.run(.message("hi"), .object(["text": "yo"]))
        try room.run(.message("what"), .object([:]))
        try room.run(.leave)
        #expect(room["log"] == #"[{"a":1},3,"yo","?"]"#)
        #expect(room.runtime.recipe.every.map(\.handler) == ["x"])
        #expect(room.runtime.recipe.parties == ["other"])
    }
}
