import HearthLua
import Testing

@Suite struct `Limits of a run` {
    /// Runs `body` with nothing limited but what `budget` says.
    static func crossed(_ body: String, _ budget: LuaBudget) throws -> LuaLimit? {
        var bench = try Bench("return { run = function(cells, ctx) \(body) end }")
        bench.budget = budget
        let error = #expect(throws: LuaError.self) { try bench.run() }
        guard case .limit(let limit)? = error?.kind else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        #expect(error?.file == "recipe.lua")
        #expect(error?.line == 1)
        #expect(bench.vm.isDead)
        return limit
    }

    static var budget: LuaBudget {
        var budget = LuaBudget.unlimited
        budget.milliseconds = 5_000
        return budget
    }

    @Test(arguments: [
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
        "while true do coroutine.create(print) end", "while true do pcall(coroutine.wrap, print) end",
        "while true do local c = coroutine.wrap(coroutine.yield) c() end",
        "while true do coroutine.wrap(function() coroutine.wrap(coroutine.yield)() end)() end",
    ])
    func `coroutines that have not finished are counted`(body: String) throws {
        var budget = Self.budget
        budget.coroutines = 100
        #expect(try Self.crossed(body, budget) == .coroutines)
    }

    @Test(arguments: [
        "for i = 1, 5000 do coroutine.wrap(function() end)() end",
        "for i = 1, 5000 do local c = coroutine.create(error) coroutine.resume(c) coroutine.resume(c) end",
        "for i = 1, 5000 do local c = coroutine.wrap(coroutine.yield) c() c() end",
        "for i = 1, 5000 do local c c = coroutine.wrap(function() pcall(c) end) c() end",
    ])
    func `coroutines that have finished are not`(body: String) throws {
        var bench = try Bench("return { run = function() \(body) return 1 end }")
        bench.budget = Self.budget
        bench.budget.coroutines = 10
        #expect(try bench.run() == [.integer(1)])
    }

    @Test(arguments: [
        "local function f() coroutine.wrap(f)() end f()", "local function f() pcall(coroutine.wrap(f)) end f()",
        "local function f() coroutine.resume(coroutine.create(f)) return 1 end return f()",
    ])
    func `coroutines within coroutines`(body: String) throws {
        var budget = Self.budget
        budget.coroutineDepth = 20
        #expect(try Self.crossed(body, budget) == .coroutineDepth)
    }

    @Test(arguments: [
        "local s = 'x' while true do s = s .. s end", "pcall(string.rep, 'x', 1e6)", "return ('x'):rep(1e6)",
        "return table.concat({ ('x'):rep(9e4), ('x'):rep(9e4) })", "return table.concat({ 1, 2, 3 }, ('x'):rep(9e4))",
        "return (('x'):rep(1000):gsub('x', ('y'):rep(1000)))",
        "return string.format('%s%s', ('x'):rep(9e4), ('x'):rep(9e4))",
        "return utf8.char(table.unpack(setmetatable({}, { __index = function() return 65000 end }), 1, 9e4))",
        "return string.char(table.unpack(setmetatable({}, { __index = function() return 65 end }), 1, 2e5))",
        "return string.pack('s4', ('x'):rep(99999)) .. ('x'):rep(50)", "return ('x'):rep(9e4, 'abc')",
        "ctx.log(('x'):rep(9e4), ('x'):rep(9e4))", "return ('x'):rep(60000) .. ('y'):rep(60000)",
    ])
    func `long strings`(body: String) throws {
        var budget = Self.budget
        budget.stringBytes = 100_000
        #expect(try Self.crossed(body, budget) == .stringBytes)
    }

    @Test(arguments: [
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} pcall(function() while true do t[#t + 1] = {} end end)",
        "local t = {} for i = 1, 1e7 do t[i] = i end",
        "local f = function(...) return { ... }, { ... }, { ... } end return f(table.unpack({}, 1, 9e4))",
        "local t = {} while true do t = { t, ('x'):rep(100) .. #t } end",
    ])
    func `what one run adds to the heap`(body: String) throws {
        var budget = Self.budget
        budget.memoryBytes = 2 << 20
        #expect(try Self.crossed(body, budget) == .eventMemory)
    }

    @Test func `garbage is not counted`() throws {
        var bench = try Bench("return { run = function() for i = 1, 2e5 do local t = { i, {} } end return 1 end }")
        bench.budget = Self.budget
        bench.budget.memoryBytes = 1 << 20
        #expect(try bench.run() == [.integer(1)])
    }

    /// Lua answers each refused allocation with a full collection. A heap kept full to the brim had one for almost every
    /// instruction, and the clock was read after a thousand of them.
    @Test(arguments: [
        "local t = {} pcall(function() while true do t[#t + 1] = { {} } end end)",
        "local t, n = {}, 0 while n < 13000 do n = n + 1 t[n] = { n } end while true do local x = { {}, {}, {} } end",
        "local t, n = {}, 0 while n < 14000 do n = n + 1 t[n] = { n } end while true do local x = function() return t end end",
    ])
    func `a heap that is full to the brim ends in time`(body: String) throws {
        var bench = try Bench("return { run = function() \(body) end }", limits: LuaLimits(memoryBytes: 2 << 20))
        bench.budget = .unlimited
        bench.budget.milliseconds = 100
        let clock = ContinuousClock()
        let took = clock.measure { _ = #expect(throws: LuaError.self) { try bench.run() } }
        #expect(bench.vm.isDead)
        #expect(took < .milliseconds(600))
    }

    @Test(arguments: [
        "string.find(('a'):rep(16), ('a-'):rep(16) .. 'b')", "('('):rep(200000):find('%b()')",
        "for i = 1, 1e6 do ('abc'):match('^(.-)%s*$') end", "('a'):rep(1e4):gsub('.-b', '')",
        "for _ in ('a'):rep(1e4):gmatch('(.-)b') do end", "pcall(string.find, ('a'):rep(30), ('a*'):rep(30) .. 'b')",
    ])
    func `steps of patterns`(body: String) throws {
        var budget = Self.budget
        budget.patternSteps = 100_000
        #expect(try Self.crossed(body, budget) == .patternSteps)
    }

    @Test func `a run that continues has the rest of the budget`() throws {
        let bench = try Bench("return { run = function() for i = 1, 1e5 do end return 1 end }")
        let function = try #require(bench.declaration["run"].function).handle
        let budget = LuaBudget(instructions: 250_000)
        func call(continuing: Bool) throws {
            try bench.vm.call(
                function, run: LuaRun(now: 0, seed: 0), budget: budget, continuing: continuing, arguments: { _ in },
                result: { _ in })
        }
        try call(continuing: false)
        try call(continuing: false)
        try call(continuing: true)
        let error = #expect(throws: LuaError.self) { try call(continuing: true) }
        #expect(error?.kind == .limit(.instructions))
    }
}
