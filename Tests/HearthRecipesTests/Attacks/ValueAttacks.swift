import HearthRecipes
import HearthValues
import Testing

extension Attack {
    static let values: [Attack] = [
        .failure("NaN", "cells.any = 0 / 0"), .failure("infinity", "cells.any = { a = { 1 / 0 } }"),
        .failure("infinity in an increment", "cells.n:increment(math.huge)"),
        .failure("NaN as a delay", "ctx.after(0 / 0, 'honest')"),
        .failure("NaN as an index", "cells.list[0 / 0] = 1"), .failure("mixed", "cells.any = { 1, a = 2 }"),
        .failure("sparse", "cells.any = { [1] = 1, [1000000] = 2 }"), .failure("a hole", "cells.any = { 1, nil, 3 }"),
        .failure("cyclic", "local t = {} t.t = { t } cells.any = t"),
        .failure("cyclic by a metatable", "local t = {} t[1] = setmetatable(t, { __index = t }) ctx.signal('x', t)"),
        .failure("nested too deep", "local t = {} for i = 1, 1000 do t = { t } end cells.any = t"),
        .failure("invalid UTF-8", "cells.any = '\\xff'"),
        .failure("invalid UTF-8 as a key", "cells.any = { ['\\xc0\\x80'] = 1 }"),
        .failure("a surrogate", "cells.any = '\\xed\\xa0\\x80'"), .failure("a function", "cells.any = print"),
        .failure("a function in a list", "cells.list:push({ a = { print } })"), .failure("ctx", "cells.any = ctx"),
        .failure("cells", "cells.any = { cells }"), .failure("a key that is a table", "cells.any = { [{}] = 1 }"),
        .failure("a key that is true", "cells.any = { [true] = 1 }"),
        .failure("a float as a key", "cells.any = { [1.5] = 1 }"),
        .failure("an unknown cell", "cells.__index = 1"), .failure("a cell of another", "cells['user@s2'] = {}"),
        .failure("a path for a name", "cells['o/x'] = 1"), .failure("a derived cell", "cells.count = 1"),
        .failure("a negative index", "cells.list[-1] = 1"), .failure("an index far away", "cells.list[1 << 40] = 1"),
        .failure("insert far away", "cells.list:insert(1 << 62, 1)"),
        .failure("remove of nothing", "cells.list:remove(1)"),
        .failure("overflow of an integer", "cells.n = math.maxinteger cells.n:increment(1)"),
        .failure(
            "a removed element", "cells.list:push({ a = 1 }) local x = cells.list[1] cells.list:remove(1) x.a = 2"),
        .failure("a link to the air", "cells.any = hearth.link_of('o')"),
        .failure("method of another kind", "cells.list.increment(cells.o, 1)"),
        .failure("a method without self", "cells.o.get()"),
        .failure("a method on a string", "cells.o.get('x')"), .failure("a method on a table", "cells.o.set({}, 1)"),
        .failure("what cannot be returned", "return { print }"),
        .failure("a coroutine that is returned", "return coroutine.create(print)"),
        .failure("a huge delay", "ctx.after(1e300, 'honest')"),
        .failure("a stranger's handler", "ctx.after(1, 'nobody')"),
        .failure("a user in a signal", "ctx.signal('x', 1, { to = print })"),
        .failure("options from nowhere", "ctx.signal('x', 1, { from = 1 })"),
        .limit("a megabyte key", "local k = ('k'):rep(1e6) while true do cells.o[k .. 'x'] = 1 end"),
        .limit("a hundred megabytes of writes", "for i = 1, 100 do cells.o['k' .. i] = ('x'):rep(1e6) end"),
        .limit(
            "a list doubled",
            "cells.list:push(1) while true do cells.list = { cells.list:snapshot(), cells.list:snapshot() } for i = 1, 64 do cells.list:push(cells.list:snapshot()) end end"
        ),
        .limit(
            "snapshots without end",
            "for i = 1, 2000 do cells.list:push({ i }) end while true do cells.list:snapshot() end"),
        .limit(
            "shifts of proxies",
            "for i = 1, 5000 do cells.list:push({ i }) end local t = {} for i = 1, 5000 do t[i] = cells.list[i] end while true do cells.list:insert(1, 1) cells.list:remove(1) end"
        ),
        .limit(
            "keys without end",
            "for i = 1, 2000 do cells.o['k' .. i] = 1 end while true do for k in pairs(cells.o) do end end"),
        .harmless(
            "-0 and the smallest",
            "cells.any = { -0.0, 5e-324, math.mininteger, math.maxinteger } return cells.any[4] == math.maxinteger"),
        .harmless(
            "names of other languages",
            "cells.o = { __index = 1, __proto__ = 2, constructor = { prototype = 3 }, ['then'] = 4, [''] = 5, ['a/b~c'] = 6, ['\\0'] = 7 } cells.o.__newindex = 8 return cells.o.__proto__ == 2 and cells.o:key('constructor').prototype == 3 or error('lost')"
        ),
        .harmless(
            "names of methods",
            "cells.any = { get = 1, set = 2 } return cells.any:key('get') and cells.any:snapshot().set == 2"),
    ]
}

@Suite struct `Attacks by values` {
    @Test(arguments: Attack.values) func `end`(attack: Attack) throws { try attack.run() }

    @Test func `kept proxies say what they are, whoever kept them`() throws {
        for keep in ["kept.x = cells.o", "kept.x = ctx", "kept.x = function() return cells.n end", "kept[cells] = 1"] {
            let room = try Room(
                cells: "n = t.integer(), o = t.object { x = t.integer() }",
                handlers: "keep = function(cells, data, ctx) \(keep) end, fine = function(cells) return cells.n end",
                prefix: "local kept = {}")
            #expect(room.failure("keep")?.message.contains("read-only") == true)
            #expect(try room.send("fine") == 0)
        }
    }

    @Test func `two rooms of one recipe do not meet`() throws {
        let one = try Attack.harmless("", "cells.n = 99 cells.list:push('secret') ctx.log('secret') return true")
            .makeRoom()
        let other = try Room(one.runtime)
        _ = try other.join("s1", name: "Ann")
        let before = try other.send("honest", by: other.participants[0])
        try one.send("attack", by: one.participants[0])
        #expect(try other.send("honest", by: other.participants[0]) != nil)
        #expect(before?.object?["n"] == 8)
        #expect(other["list"] == "[]")
    }
}
