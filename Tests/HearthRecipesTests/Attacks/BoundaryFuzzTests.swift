import HearthLua
import HearthRecipes
import HearthTransactions
import HearthValues
import Testing

/// Every host function is called with arguments of every kind, number and size. Each call must come back: with a result,
/// or with an error that says something. What was written must still be sound, and equal for the same seed.
@Suite struct `The host boundary` {
    /// Lua expressions of every kind of value that a recipe can come by.
    static let values = [
        "nil", "true", "false", "0", "-1", "1", "2", "3", "-0.0", "1.5", "0/0", "1/0", "-1/0", "1e308", "5e-324",
        "math.maxinteger", "math.mininteger", "1 << 31", "1 << 32", "2^53", "''", "'a'", "'n'", "'o/x'", "'o#'", "'~'",
        "'all'", "'s1'", "'\\0'", "'\\xff'", "'\\xed\\xa0\\x80'", "'ä'", "('x'):rep(300)", "('x'):rep(70000)",
        "('ö'):rep(5000)",
        "'__index'", "'fine'", "'go'", "'user@s1'", "{}", "{ 1, 2, 3 }", "{ a = 1 }", "{ 1, nil, 3 }", "{ 1, a = 2 }",
        "{ [5] = 1 }", "{ [{}] = 1 }", "{ a = print }", "{ ['\\xff'] = 1 }", "{ to = 'all' }", "{ to = { 's1' } }",
        "{ to = 5 }", "{ timeout = -1 }", "{ timeout = 'x' }", "{ to_sender = 1 }", "{ x = 1, y = { z = {} } }",
        "cyclic",
        "deep", "wide", "print", "function() return true end", "function() error('no') end", "coroutine.create(print)",
        "coroutine.wrap(print)", "hearth.null", "hearth.list {}", "hearth.list { 1 }", "hearth.link_of(cells.o)",
        "cells",
        "ctx", "ctx.who", "ctx.participants()", "cells.n", "cells.o", "cells.o:get()", "cells.o.x", "cells.list",
        "cells.list[1]", "cells.list:get()", "cells.map", "cells.user", "cells.card", "cells.count", "cells.fleeting",
        "cells.any", "cells.o:key('x')", "cells.any:key('b')", "cells.list:key(1)", "cells.fresh",
        "setmetatable({}, { __index = cells })",
        "setmetatable({}, { __tostring = function() return 5 end })", "select(2, pcall(ctx.fail, 'x'))",
    ]

    static let receivers = [
        "cells.o", "cells.list", "cells.map", "cells.card", "cells.count", "cells.user", "cells.any", "cells.fleeting",
        "cells.fresh", "cells.o:key('x')", "cells.n_cell", "cells.list:key(1)", "cells.any:key('b')",
        "cells.list:last(1)",
    ]

    static let recipe = """
        local t = require "hearth.types"
        local cyclic, deep, wide = {}, {}, {}
        cyclic[1] = cyclic
        for i = 1, 200 do deep = { deep } end
        for i = 1, 3000 do wide["k" .. i] = i end
        return recipe { name = "fuzz", cells = {
            n = t.integer { max = 100 }, n_cell = t.object { value = t.integer() }, o = t.object { x = t.number { default = 1 }, y = t.optional(t.string { max = 5 }) },
            list = t.list(t.any, { max = 50 }), map = t.map(t.integer()), any = t.any, card = t.object { x = t.integer() } :many(),
            user = t.object { name = t.string { max = 20 } } :per "session", fleeting = t.open_object {} :ephemeral(),
          },
          derived = { count = function(cells) return cells.list and #cells.list end },
          handlers = {
            prepare = function(cells)
              cells.list:push({ a = 1 }, "two", 3)
              cells.any = { a = 1, b = { c = 2 } }
            end,
            fine = function(cells) return cells.list == nil or #cells.list >= 0 end,
            go = function(cells, data, ctx)
              local calls = { CALLS }
              for index, call in ipairs(calls) do
                local done = table.pack(pcall(call))
                if not done[1] and type(done[2]) == "string" then -- a failure of ctx.fail says what it was told
                  local text = tostring(done[2])
                  assert(#text > 3 and #text < 200000, text)
                  assert(not text:find("0x%x%x%x%x"), text)
                end
              end
            end } }
        """

    /// One call as a Lua function.
    static func call(_ random: inout SeededRandom) -> String {
        func pick<Item>(_ items: [Item]) -> Item { items[Int(random.next() % UInt64(items.count))] }
        let function = pick(HostSurface.functions)
        let count = Int(random.next() % 5)
        let arguments = (0..<count).map { _ in pick(values) }
        let isContext = function.receivers.contains(.context)
        // A wait would end the event, which is no error of the boundary.
        if function.operation == .sleep || function.operation == .ask, count > 0 {
            return "function() ctx.\(function.name)(print, \(arguments.joined(separator: ", "))) end"
        }
        switch random.next() % 8 {
        case 0:  // the wrong receiver
            return
                "function() local f = \(isContext ? "ctx" : pick(receivers)).\(function.name) f(\(arguments.joined(separator: ", "))) end"
        case 1:  // operators and fields
            let (one, other) = (pick(values), pick(values))
            return pick([
                "function() local x = (\(one)) + (\(other)) end", "function() local x = (\(one)) .. (\(other)) end",
                "function() local x = (\(one)) < (\(other)) end", "function() local x = (\(one)) == (\(other)) end",
                "function() local x = #(\(one)) end", "function() local x = (\(one))[\(other)] end",
                "function() \(pick(receivers))[\(one)] = \(other) end", "function() cells[\(one)] = \(other) end",
                "function() for k, v in pairs(\(one)) do local x = v end end", "function() hearth.link_of(\(one)) end",
                "function() for k, v in ipairs(\(one)) do if k > 60 then break end end end",
                "function() hearth.list(\(one)) end",
                "function() ctx[\(one)] = \(other) end", "function() local x = ctx[\(one)] end",
                "function() local x = -(\(one)) // (\(other)) end", "function() local x = tostring(\(one)) end",
            ])
        default:
            if isContext { return "function() ctx.\(function.name)(\(arguments.joined(separator: ", "))) end" }
            return
                "function() local r = \(pick(receivers)) r:\(function.name)(\(arguments.joined(separator: ", "))) end"
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `answers whatever it is asked`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<12 {
            let calls = (0..<60).map { _ in Self.call(&random) }
            let text = Self.recipe.split(separator: "CALLS").joined(separator: calls.joined(separator: ",\n"))
            let first = try Self.run(text), second = try Self.run(text)
            #expect(first == second, "seed \(seed), round \(round)")
        }
    }

    /// What the event came to, and what the room holds afterwards.
    static func run(_ text: String) throws -> [String] {
        var limits = RecipeLimits()
        limits.milliseconds = 0
        let room = try Room(text, limits: limits)
        let ann = try room.join("s1", name: "Ann")
        try room.send("prepare", by: ann)
        let failure = room.failure("go", by: ann)
        #expect(
            failure == nil || failure?.code == "budget_exceeded" && failure?.details.object?["line"] != nil,
            "\(String(describing: failure))")
        #expect(try room.send("fine", by: ann) != nil)
        return ["\(failure?.message ?? "done")", room["o"], room["list"], room["any"], room["map"], "\(room.effects)"]
    }
}
