import CLuaBridge
import HearthLua
import Testing

/// In every host function each allocation is made to fail in turn: no crash, no leak, and the run says why it ended.
@Suite(.serialized) struct `Running out of memory in a host function` {
    /// A call of each, with arguments that make it allocate.
    static let calls: [String: String] = [
        "get": "cells.list:get()", "set": "cells.list:set({ 1, { a = 'b' } })",
        "update": "cells.o:update({ a = { 'b' } })",
        "key": "cells.o:key('a long key of more than forty characters, not interned')",
        "snapshot": "cells.list:snapshot()", "exists": "cells.list:exists()", "delete": "cells.list:delete()",
        "push": "cells.list:push({ a = 1 }, cells.o)", "insert": "cells.list:insert(1, { a = { 1 } })",
        "remove": "cells.list:remove(1)", "last": "cells.list:last(2)",
        "find": "cells.list:find(function(x) return { x } == x end)",
        "remove_where": "cells.list:remove_where(function(x) return { x } end)",
        "increment": "cells.scalar:increment(1)", "new": "cells.many:new({ a = { b = 'c' } })",
        "random": "ctx.random(1, 6)", "id": "ctx.id()", "participants": "ctx.participants()",
        "log": "ctx.log('a', {}, cells.list, ctx, 1.5)", "fail": "pcall(ctx.fail, 'code', 'message')",
        "signal": "ctx.signal('a', { b = { 'c' } }, { to = { 's1' } })", "reply": "ctx.reply({ 1, { 2 } })",
        "broadcast": "ctx.broadcast({ 1 }, { to_sender = true })", "after": "ctx.after(5, 'go', { a = 1 })",
        "cancel": "ctx.cancel('an id of more than forty characters, which is not interned')",
        "send": "ctx.send('room', 'event', { a = 1 })", "sleep": "ctx.sleep(5)",
        "ask": "ctx.ask('s1', 'name', { 1 }, { timeout = 5 })",
    ]

    /// What is no function but crosses as well.
    static let others = [
        "cells.o.a.b = { c = 'd' }", "local n = #cells.list", "for k, v in pairs(cells.o) do local x = { k, v } end",
        "local same = cells.o == cells.list", "local text = tostring(cells.o) .. tostring(ctx)",
        "hearth.link_of(cells.o)",
        "local who = ctx.who", "local ok, e = pcall(function() cells.o.f = print end)",
        "cells.any = hearth.link_of(cells.o)",
        "setmetatable({}, setmetatable({}, { __index = {} }))",
        "local mt = {} setmetatable(mt, mt) mt.__index = mt mt.x = {}",
    ]

    @Test func `every function has a call here`() {
        #expect(Set(Self.calls.keys) == Set(HostSurface.functions.map(\.name)))
    }

    @Test(arguments: calls.values.sorted() + others)
    func `at any allocation`(call: String) throws {
        var count = 0
        var isDone = false
        while !isDone {
            let bench = try Bench("return { run = function(cells, ctx) \(call) return 1 end }")
            bench.host.answer = Self.answer
            bench.vm.failAllocations(after: count)
            do throws(LuaError) {
                try bench.attempt()
                isDone = true
            } catch {
                #expect(error.kind == .limit(.memory), "allocation \(count): \(error)")
                #expect(bench.vm.isDead)
            }
            count += 1
        }
        #expect(bridge_bytes_leaked() == 0)
    }

    static func answer(
        _ operation: HostOperation?, _ node: UInt32, _ items: [LuaItem], _ reply: inout LuaWriter
    ) -> LuaStatus {
        switch (operation, items.first) {
        case (.child, .string("scalar")): reply.write(LuaNode(5, .scalar))
        case (.child, .string("many")): reply.write(LuaNode(4, .many))
        case (.child, .string("list")): reply.write(LuaNode(2, .list))
        case (.child, _), (.key, _), (.new, _): reply.write(LuaNode(3, .object))
        case (.length, _): reply.write(Int64(2))
        case (.same, _): reply.write(false)
        case (.linkOf, _): reply.writeLink("o#/a/long/pointer/of/more/than/forty/characters")
        case (.describe, _): reply.write("a description of more than forty characters, not interned")
        case (.keys, _), (.participants, _), (.snapshot, _), (.get, _), (.last, _), (.ask, _):
            reply.beginList(count: 2)
            reply.write("a")
            reply.write("a string that is longer than forty bytes, so that it is not interned")
        default: break
        }
        return .ok
    }
}
