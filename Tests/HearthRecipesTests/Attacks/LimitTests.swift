import HearthRecipes
import HearthValues
import Testing

@Suite struct `Limits of an event` {
    @Test(arguments: [
        ("writes", "cells.n = 1", 20), ("writes", "pcall(function() while true do cells.list:push(1) end end)", 20),
        ("signals", "ctx.signal('a')", 20), ("signals", "ctx.broadcast(1)", 20), ("signals", "ctx.reply(1)", 20),
        ("signals", "ctx.send('r', 'e')", 20), ("timers", "ctx.after(1, 'fine')", 20),
        ("timers", "ctx.cancel('x')", 20),
        ("log_lines", "ctx.log('')", 20), ("log_lines", "print()", 20), ("log_bytes", "ctx.log(('x'):rep(500))", 2_000),
        ("log_bytes", "pcall(print, ('x'):rep(3000))", 2_000), ("proxies", "local x = cells.o:key('x')", 20),
        ("proxies", "local x = cells.objects[1]", 20), ("output", "ctx.log(('x'):rep(900))", 100),
        ("coroutines", "coroutine.create(print)", 20), ("string_bytes", "local s = ('x'):rep(5000)", 1_000),
        ("pattern_steps", "local s = ('x'):rep(500):find('.-y')", 1_000),
        ("event_memory", "held[#held + 1] = ('x'):rep(900) .. #held", 400_000),
        ("instructions", "local x = 1", 30_000), ("time", "local x = 1", 20),
    ])
    func `are told by name, and nothing of the event remains`(kind: String, body: String, limit: Int) throws {
        var limits = RecipeLimits()
        limits.set(kind, to: limit)
        let room = try Room(
            cells: "n = t.integer(), list = t.list(t.any), o = t.object { x = t.any }, objects = t.list(t.any)",
            handlers: """
                prepare = function(cells) cells.objects:push { a = 1 } end,
                go = function(cells, data, ctx)
                  local held = {}
                  cells.n = 5
                  while true do pcall(function() \(body) end) end
                end,
                fine = function(cells) return cells.n + #cells.list end
                """, limits: limits)
        try room.send("prepare")
        let failure = room.failure("go")
        #expect(failure?.code == "budget_exceeded")
        #expect(failure?.details.object?["kind"] == .string(kind))
        #expect(failure?.details.object?["limit"] == .int(Int64(limit)))
        #expect(failure?.details.object?["handler"] == "go")
        #expect(failure?.details.object?["file"] == "recipe.lua")
        #expect(failure?.details.object?["line"] == 6)
        #expect(room.effects.isEmpty)
        #expect(try room.send("fine") == 0)
    }

    /// Each watch had a budget of its own, and a hundred rounds of them a hundred budgets.
    @Test func `are of the whole event, watches and allow included`() throws {
        var limits = RecipeLimits()
        limits.instructions = 400_000
        let room = try Room(
            cells: "a = t.integer(), b = t.integer()",
            handlers: """
                rings = function(cells) cells.a = 1 end,
                asks = { allow = function() spin() return true end, run = function() spin() end },
                fine = function(cells) return cells.a + cells.b end
                """,
            rest: """
                watch = { a = function(cells) spin() cells.b:increment(1) end, b = function(cells) spin() cells.a:increment(1) end }
                """, prefix: "local function spin() for i = 1, 3e5 do end end", limits: limits)
        #expect(room.failure("rings")?.details.object?["kind"] == "instructions")
        #expect(room.failure("asks")?.details.object?["kind"] == "instructions")
        #expect(try room.send("fine") == 0)
    }

    @Test func `of the sources are told before anything is compiled`() {
        var limits = RecipeLimits()
        limits.sourceBytes = 100
        let error = #expect(throws: RecipeError.self) { try Room(String(repeating: "-", count: 101), limits: limits) }
        #expect(error?.message.contains("the sources have 101 bytes, more than the 100") == true)
    }
}

extension RecipeLimits {
    /// Sets the limit of a `details.kind`.
    mutating func set(_ kind: String, to value: Int) {
        guard let limit = Self.all.first(where: { $0.kind == kind }) else {
            Issue.record("no limit is told as \(kind)")
            return
        }
        limit.set(value, in: &self)
    }
}
