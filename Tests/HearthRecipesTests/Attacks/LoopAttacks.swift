import Testing

extension Attack {
    static let loops: [Attack] = [
        .limit("while", "while true do end"), .limit("repeat", "repeat until false"),
        .limit("goto", "::again:: goto again"),
        .limit("numeric for", "for i = 1, math.huge do end"),
        .limit("for with a tiny step", "for i = 0, 1, 5e-324 do end"),
        .limit("tail calls", "local function f() return f() end f()"),
        .limit("mutual tail calls", "local f, g function f() return g() end function g() return f() end f()"),
        .limit("iterator without end", "for _ in function() return 1 end do end"),
        .limit("iterator that loops", "for _ in function() while true do end end do end"),
        .limit(
            "next of a growing table", "local t = { 1 } for k in next, t do t = { k } end while true do next(t) end"),
        .limit("in pcall", "pcall(function() while true do end end)"),
        .limit("pcall without end", "while true do pcall(error) end"),
        .limit("pcall of pcall", "while true do pcall(pcall, pcall, pcall, error) end"),
        .limit("in an error handler", "xpcall(error, function() while true do end end)"),
        .limit(
            "after a caught loop", "pcall(function() while true do end end) cells.n = 1 while true do cells.n = 2 end"),
        .limit("in a comparator", "table.sort({ 3, 2, 1 }, function() while true do end end)"),
        .limit(
            "comparator that lies",
            "local t = {} for i = 1, 1e5 do t[i] = i end table.sort(t, function() return true end) while true do end"),
        .limit("in __index", "local x = setmetatable({}, { __index = function() while true do end end }).x"),
        .limit("in __newindex", "setmetatable({}, { __newindex = function() while true do end end }).x = 1"),
        .limit(
            "in __eq",
            "local mt = { __eq = function() while true do end end } return setmetatable({}, mt) == setmetatable({}, mt)"
        ),
        .limit(
            "in __lt",
            "local mt = { __lt = function() while true do end end } return setmetatable({}, mt) < setmetatable({}, mt)"),
        .limit("in __concat", "return setmetatable({}, { __concat = function() while true do end end }) .. ''"),
        .limit("in __len", "return #setmetatable({}, { __len = function() while true do end end })"),
        .limit("in __call", "setmetatable({}, { __call = function() while true do end end })()"),
        .limit("in __tostring", "return tostring(setmetatable({}, { __tostring = function() while true do end end }))"),
        .limit("in __pairs", "for _ in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end"),
        .limit("in __unm", "return -setmetatable({}, { __unm = function() while true do end end })"),
        .limit("length without end", "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)"),
        .limit(
            "insert into a length without end",
            "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 1)"),
        .limit("move over the integers", "table.move({}, 1, 1 << 60, 2)"),
        .limit(
            "concat of what is not there",
            "table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, 1 << 60)"),
        .limit("ipairs without end", "for _ in ipairs(setmetatable({}, { __index = function() return 1 end })) do end"),
        .limit("gsub whose function loops", "('x'):gsub('x', function() while true do end end)"),
        .limit(
            "gsub whose table loops",
            "('x'):gsub('x', setmetatable({}, { __index = function() while true do end end }))"),
        .limit(
            "sort within sort",
            "local function f() table.sort({ 3, 2, 1 }, f) while true do end end pcall(f) while true do end"),
        .limit("recursion caught again and again", "local function f() pcall(f) pcall(f) end f()"),
        .limit("overflow caught again and again", "local function f() return 1 + f() end while true do pcall(f) end"),
        .limit("handler that is itself", "local function f() return xpcall(f, f) end while true do f() end"),
        .limit("find of a cell that loops", "cells.list:push(1) cells.list:find(function() while true do end end)"),
        .limit(
            "remove_where that loops", "cells.list:push(1) cells.list:remove_where(function() while true do end end)"),
        .limit(
            "remove_where that grows",
            "cells.list:push(1) cells.list:remove_where(function() cells.list:push(1) return true end) while true do cells.list:push(1) end"
        ),
        .limit("reads without end", "while true do local x = cells.n + #cells.list + cells.count end"),
        .limit("random without end", "while true do math.random(1, 3) ctx.random() end"),
        .limit(
            "error whose __tostring loops, logged",
            "ctx.log(setmetatable({}, { __tostring = function() while true do end end }))"),
        .failure("overflow", "local function f() return 1 + f() end f()"),
        .failure(
            "overflow in a metamethod",
            "local mt = {} mt.__index = function(t, k) return t[k .. ''] end return setmetatable({}, mt).x"),
        .failure("__index that is itself", "local t = {} t.__index = t setmetatable(t, t) return t.x"),
        .failure(
            "error that is its own handler's",
            "xpcall(error, function() error(error) end) error(setmetatable({}, { __tostring = function() while true do end end }))"
        ),
        .failure(
            "error in error in error",
            "local function f(e) error(e) end xpcall(f, f, f) error({ code = {}, message = print })"),
        .failure(
            "error with a metatable that loops",
            "error(setmetatable({}, { __index = function() while true do end end, __name = 'x' }))"),
        .failure("error that is nil", "error(nil)"), .failure("error that is a cell", "error(cells.n)"),
        .failure("error that is ctx", "error(ctx)"), .failure("error of a coroutine", "error(coroutine.create(print))"),
        .failure(
            "close of a variable", "local x <close> = setmetatable({}, { __index = function() while true do end end })"),
    ]
}

@Suite struct `Attacks by endless loops` {
    @Test(arguments: Attack.loops) func `end`(attack: Attack) throws { try attack.run() }
}
