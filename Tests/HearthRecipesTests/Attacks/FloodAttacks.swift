import HearthRecipes
import HearthValues
import Testing

extension Attack {
    static let floods: [Attack] = [
        .limit("lines of the log", "while true do ctx.log('x') end"),
        .limit("long lines of the log", "while true do print(('x'):rep(1e5)) end"),
        .limit("a line of 100 megabytes", "local s = ('x'):rep(3e6) ctx.log(s, s, s, s, s, s, s, s)"),
        .limit("signals", "while true do ctx.signal('x') end"),
        .limit("large signals", "while true do ctx.signal('x', ('x'):rep(1e6)) end"),
        .limit("replies", "while true do ctx.reply(1) end"),
        .limit("broadcasts", "while true do pcall(ctx.broadcast, 1) end"),
        .limit("messages to rooms", "while true do ctx.send('other', 'x') end"),
        .limit("timers", "while true do ctx.after(1, 'attack') end"),
        .limit("cancelled timers", "while true do ctx.cancel(ctx.after(1, 'attack')) end"),
        .limit("cancels", "while true do ctx.cancel('') end"),
        .limit("writes", "while true do cells.n = 1 end"),
        .limit("increments", "while true do cells.n:increment(1) end"),
        .limit("pushes", "while true do cells.list:push(1) end"),
        .limit(
            "pushes of many",
            "local t = {} for i = 1, 200 do t[i] = i end while true do cells.list:push(table.unpack(t)) end"),
        .limit("cells", "while true do cells.card:new { x = 1 } end"), .limit("ids", "while true do ctx.id() end"),
        .limit("participants", "while true do ctx.participants() end"),
        .limit("large results", "return { ('x'):rep(4e6), ('y'):rep(4e6), ('z'):rep(4e6) }"),
        .limit("updates", "local t = {} for i = 1, 1000 do t['k' .. i] = i end while true do cells.o:update(t) end"),
        .limit("links", "while true do cells.any = cells.o local x = hearth.link_of(cells.any) end"),
        .limit("comparisons", "while true do local x = cells.o == cells.user end"),
        .limit("names", "while true do tostring(cells.o) end"),
    ]
}

@Suite struct `Attacks by floods` {
    @Test(arguments: Attack.floods) func `end`(attack: Attack) throws { try attack.run() }

    @Test(arguments: [
        ("watch = { a = function(cells) cells.a:increment(1) end }", "handler_failed"),
        (
            "watch = { a = function(cells) cells.b:increment(1) end, b = function(cells) cells.a:increment(1) end }",
            "handler_failed"
        ),
        ("watch = { a = function() while true do end end }", "budget_exceeded"),
        ("watch = { a = function(cells) for i = 1, 2e6 do end cells.a:increment(1) end }", "budget_exceeded"),
        ("watch = { a = function(cells, change, ctx) while true do ctx.signal('x') end end }", "budget_exceeded"),
        ("watch = { a = function(cells) error('x') end }", "handler_failed"),
    ])
    func `of watches end with the event`(rest: String, code: String) throws {
        let room = try Room(
            cells: "a = t.integer(), b = t.integer()",
            handlers: "go = function(cells) cells.a = 1 end, fine = function(cells) return cells.a + cells.b end",
            rest: rest)
        let clock = ContinuousClock()
        let took = clock.measure { #expect(room.failure("go")?.code == code) }
        #expect(took < .seconds(2))
        #expect(try room.send("fine") == 0)
    }

    /// A list of a thousand elements had a thousand budgets.
    @Test func `of elements share a budget`() throws {
        var limits = RecipeLimits()
        limits.derivedInstructions = 1_000_000
        let room = try Room(
            cells: "list = t.list(t.integer())",
            derived: "few = t.where('list', function(x) for i = 1, 1e5 do end return x > 0 end)",
            handlers: "go = function(cells, data) for i = 1, data do cells.list:push(i) end end", limits: limits)
        for _ in 1...5 { try room.send("go", 5) }
        let failure = room.failure("go", 100)
        #expect(failure?.message.contains("instruction") == true, "\(String(describing: failure))")
        try room.send("go", 1)
    }

    @Test(arguments: [
        "function(cells) while true do end end",
        "function(cells) local s = cells.title while true do s = s .. s end end",
        "function(cells) local function f() return 1 + f() end return f() end", "function(cells) cells.a = 1 end",
        "function(cells) return print end", "function(cells) string.x = 1 end", "function(cells) return cells.d end",
    ])
    func `of derived cells cost the derived cell`(function: String) throws {
        let text = """
            local t = require "hearth.types"
            return recipe { name = "test", cells = { a = t.integer(), title = t.string { default = "x" } },
              derived = { d = \(function) },
              handlers = { set = function(cells) cells.a = 5 end, fine = function(cells) return cells.a end,
                asks = function(cells) local x = cells.d return x end } }
            """
        let clock = ContinuousClock()
        let took = clock.measure {
            guard let room = try? Room(text) else { return }  // told at load: a ring, for one
            _ = room.failure("set")
            _ = room.failure("asks")
            #expect((try? room.send("fine")) != nil)
        }
        #expect(took < .seconds(4))
    }
}
