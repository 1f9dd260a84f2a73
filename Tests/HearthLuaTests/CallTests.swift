import HearthLua
import Testing

@Suite struct `Calling Lua` {
    @Test func `a function returns what it computes`() throws {
        #expect(try Bench.evaluate("return 1 + 1") == [.integer(2)])
        #expect(try Bench.evaluate("return {a = {1.5, true, hearth.null}, b = {}}").count == 8)
        #expect(try Bench.evaluate("return ctx.now") == [.integer(1_700_000_000_123)])
        #expect(try Bench.evaluate("return ctx.who.id .. ctx.runs") == [.string("ann1")])
    }

    @Test func `a push crosses twice and carries its values`() throws {
        let bench = try Bench(
            "return { run = function(cells, ctx) cells.messages:push { author = cells.user, at = ctx.now } end }")
        bench.host.answer = { operation, _, items, reply in
            if operation == .child { reply.write(LuaNode(items == [.string("user")] ? 3 : 2, .list)) }
            return .ok
        }
        try bench.run()
        #expect(bench.host.calls.count == 3)
        #expect(bench.host.calls.last?.operation == HostOperation.push.rawValue)
        #expect(bench.host.calls.last?.node == 2)
    }
}
