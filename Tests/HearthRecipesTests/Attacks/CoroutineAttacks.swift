import Testing

extension Attack {
    static let coroutines: [Attack] = [
        .limit("a new one for each slice", "while true do coroutine.wrap(function() for i = 1, 900 do end end)() end"),
        .limit(
            "a new one for each slice, resumed",
            "while true do coroutine.resume(coroutine.create(function() for i = 1, 900 do end end)) end"),
        .limit("a loop in one", "coroutine.wrap(function() while true do end end)()"),
        .limit(
            "a loop in one, swallowed", "coroutine.resume(coroutine.create(function() while true do end end)) return 1"),
        .limit("wrapped in wrap", "local function f() coroutine.wrap(f)() end f()"),
        .limit("wrapped in wrap in pcall", "local function f() pcall(coroutine.wrap(f)) end f() while true do end"),
        .limit(
            "yields across pcall",
            "local c = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do c() end"),
        .limit(
            "yields across xpcall",
            "local c = coroutine.wrap(function() while true do xpcall(coroutine.yield, print) end end) while true do c() end"
        ),
        .limit(
            "yields in an iterator",
            "for _ in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end"),
        .limit(
            "yields in a metamethod",
            "local c = coroutine.wrap(function() local t = setmetatable({}, { __index = coroutine.yield }) while true do local x = t.x end end) while true do c() end"
        ),
        .limit(
            "ping and pong",
            "local a, b a = coroutine.wrap(function() while true do coroutine.yield(1) end end) b = coroutine.wrap(function() while true do a() coroutine.yield(2) end end) while true do b() end"
        ),
        .limit(
            "thousands that live",
            "local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() end"),
        .limit("thousands that were dropped", "while true do coroutine.wrap(coroutine.yield)() end"),
        .limit(
            "a chain of twenty thousand",
            "local c for i = 1, 20000 do local b = c c = coroutine.wrap(function() coroutine.yield(b) end) c() end"),
        .limit(
            "stacks that are full",
            "local t = {} while true do t[#t + 1] = coroutine.create(function(...) coroutine.yield(...) end) coroutine.resume(t[#t], table.unpack({}, 1, 1e4)) end"
        ),
        .failure("sorting that yields", "coroutine.wrap(function() table.sort({ 3, 2, 1 }, coroutine.yield) end)()"),
        .failure("gsub that yields", "coroutine.wrap(function() return ('x'):gsub('x', coroutine.yield) end)()"),
        .failure(
            "yield across a host call",
            "cells.list:push(1) coroutine.wrap(function() cells.list:find(coroutine.yield) end)()"),
        .failure(
            "yield in what is logged",
            "coroutine.wrap(function() ctx.log(setmetatable({}, { __tostring = coroutine.yield })) end)()"),
        .failure("yield outside of one", "coroutine.yield(1)"),
        .failure("one that resumes itself", "local c c = coroutine.wrap(function() c() end) c()"),
        .failure("one that is wrapped and dead", "local c = coroutine.wrap(print) c() c()"),
        .failure("one in a cell", "cells.any = coroutine.create(print)"),
        .failure("one as a key", "cells.any = { [coroutine.create(print)] = 1 }"),
        .failure("close", "coroutine.close(coroutine.create(print))"),
        .failure(
            "a stored one and its cells", "local c = coroutine.wrap(function() coroutine.yield() end) c() config.c = c"),
    ]
}

@Suite struct `Attacks by coroutines` {
    @Test(arguments: Attack.coroutines) func `end`(attack: Attack) throws { try attack.run() }
}
