import Foundation
import HearthLua
import Testing

@Suite struct `Budgets` {
    static let endless = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "xpcall(function() while true do end end, function() while true do end end) return 1",
        "pcall(coroutine.wrap(function() while true do end end)) return 1",
        "coroutine.resume(coroutine.create(function() while true do end end)) return 1",
        "while true do coroutine.wrap(function() for i = 1, 900 do end end)() end",
        "pcall(function() return setmetatable({}, { __index = function() while true do end end }).x end) return 1",
        "string.find(('a'):rep(16), ('a-'):rep(16) .. 'b')",
        "('a'):rep(1e5):gsub('.-b', '')",
        "table.move({}, 1, 1 << 60, 2)",
        "table.concat(setmetatable({}, { __index = tostring, __name = '' }), '', 1, 1 << 60)",
        "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)",
        "table.sort({ 3, 2, 1 }, function() while true do end end)",
        "local function f() pcall(f) pcall(f) end f()",
        "local function f() return xpcall(f, f) end f() while true do end",
        "cells.list:find(function() while true do end end)",
    ]

    @Test(arguments: endless)
    func `instructions run out and nothing catches it`(body: String) throws {
        var bench = try Bench("return { run = function(cells, ctx) \(body) end }")
        bench.host.answer = { operation, _, _, reply in
            if operation == .child { reply.write(LuaNode(2, .list)) }
            if operation == .length { reply.write(Int64(3)) }
            return .ok
        }
        bench.budget = LuaBudget(instructions: 300_000, milliseconds: 0)
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .limit(.instructions))
        #expect(error?.file == "recipe.lua")
        #expect(bench.vm.isDead)
        #expect(bench.vm.instructionsUsed < 700_000)
        #expect(throws: LuaError(.dead, "this VM crossed a limit and may not run again")) { try bench.run() }
    }

    @Test(arguments: [
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} pcall(function() while true do t[#t + 1] = {} end end) return 1",
        "pcall(string.rep, 'x', 1e9) return 1",
        "pcall(function() local s = string.rep('x', 1e6) return table.concat({ s, s, s, s, s }):rep(100) end) return 1",
        "coroutine.resume(coroutine.create(function() return ('x'):rep(1e9) end)) return 1",
        "xpcall(string.rep, function() return 1 end, 'x', 1e9) return 1",
        "string.format('%s', ('x'):rep(1e9))",
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
        "ctx.log(('x'):rep(3e6), ('x'):rep(3e6), ('x'):rep(3e6))",
    ])
    func `memory runs out and nothing catches it`(body: String) throws {
        var bench = try Bench(
            "return { run = function(cells, ctx) \(body) end }", limits: LuaLimits(memoryBytes: 8 << 20))
        bench.budget = .unlimited
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .limit(.memory))
        #expect(bench.vm.memoryPeak <= 8 << 20)
        #expect(bench.vm.isDead)
    }

    @Test func `time runs out`() throws {
        var bench = try Bench("return { run = function() while true do pcall(function() end) end end }")
        bench.budget = LuaBudget(instructions: 0, milliseconds: 20)
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .limit(.time))
    }

    /// As on a machine that is busy with something else.
    @Test func `time does not run out while the thread is kept waiting`() throws {
        var bench = try Bench(
            "return { run = function(cells, ctx) ctx.reply('wait') for i = 1, 100000 do end return 'done' end }")
        bench.host.answer = { _, _, _, _ in
            poll(nil, 0, 120)
            return .ok
        }
        bench.budget = LuaBudget(instructions: 0, milliseconds: 60)
        #expect(try bench.run() == [.string("done")])
        bench.budget.countsWaiting = true
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .limit(.time))
    }

    @Test(arguments: [
        "for i = 1, 1e6 do ctx.reply(('x'):rep(1000)) end", "while true do pcall(ctx.reply, ('x'):rep(1000)) end",
        "return ('x'):rep(200000)", "local t = {} for i = 1, 50000 do t[i] = i end ctx.reply(t)",
    ])
    func `output runs out`(body: String) throws {
        var bench = try Bench("return { run = function(cells, ctx) \(body) end }")
        bench.budget.outputBytes = 100_000
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .limit(.output))
    }

    @Test func `a load has a budget too`() {
        let error = #expect(throws: LuaError.self) {
            try Bench("while true do end", limits: LuaLimits(load: LuaBudget(instructions: 100_000)))
        }
        #expect(error?.kind == .limit(.instructions))
    }

    @Test func `what a run used is the same every time`() throws {
        let bench = try Bench(
            "return { run = function() local s = 0 for i = 1, 1e5 do s = s + #tostring(i) end return s end }")
        try bench.run()
        let first = bench.vm.instructionsUsed
        try bench.run()
        #expect(bench.vm.instructionsUsed == first)
        #expect(first > 100_000)
    }

    @Test func `an error in deep recursion is an ordinary error`() throws {
        var bench = try Bench("return { run = function() local function f() return 1 + f() end return f() end }")
        bench.budget.instructions = 20_000_000
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains("stack overflow") == true)
        #expect(!bench.vm.isDead)
    }
}
