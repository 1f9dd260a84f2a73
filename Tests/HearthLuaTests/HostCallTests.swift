import HearthLua
import Testing

@Suite struct `Host calls` {
    @Test(arguments: [
        "ctx.random('a')", "ctx.random(1.5)", "ctx.random(5, 1)", "ctx.random(1, 2, 3)", "ctx.id(1)",
        "ctx.participants(1)", "ctx.log('\\xff')", "ctx.fail()", "ctx.fail(1)", "ctx.fail('a', {})",
        "ctx.fail('\\xff')", "ctx.signal()", "ctx.signal(1)", "ctx.signal('a', 1, 'all')", "ctx.signal('a', print)",
        "ctx.reply(print)", "ctx.reply(1, 2)", "ctx.broadcast()", "ctx.broadcast(nil)", "ctx.broadcast(1, 2)",
        "ctx.after()", "ctx.after('x', 'h')", "ctx.after(1)", "ctx.after(1, 2)", "ctx.after(1, 'h', print)",
        "ctx.cancel()", "ctx.cancel(5)", "ctx.send()", "ctx.send('r')", "ctx.send('r', 1)", "ctx.send('r', 'e', print)",
        "ctx.sleep('soon')", "ctx.ask('a')", "ctx:id()", "ctx:signal('a')", "ctx:log('a')", "ctx:random()",
        "cells.list:get(1)", "cells.list:set()", "cells.list:set(nil)", "cells.list:update()", "cells.list:update(1)",
        "cells.list:key()", "cells.list:snapshot(1)", "cells.list:exists(1)", "cells.list:delete(1)",
        "cells.list:push()", "cells.list:push(nil)", "cells.list:push(1, print)", "cells.list:insert(1)",
        "cells.list:insert('a', 1)", "cells.list:insert(1.5, 1)", "cells.list:insert(1, nil)", "cells.list:remove()",
        "cells.list:remove('x')", "cells.list:last()", "cells.list:last('x')", "cells.list:find()",
        "cells.list:find(1)", "cells.list:remove_where()", "cells.list:remove_where('x')",
        "cells.number:increment('a')", "cells.number:increment({})", "cells.many:new()", "cells.many:new(1)",
        "cells.many:key()", "hearth.link_of()", "hearth.link_of('a')", "hearth.list('a')",
    ])
    func `wrong arguments are refused before the host is asked`(body: String) throws {
        let bench = try Self.bench(body)
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .runtime)
        #expect(error?.line == 1)
        #expect(
            bench.host.calls.allSatisfy {
                [HostOperation.child, .describe].map(\.rawValue).contains($0.operation)
            })
    }

    @Test func `every function of the surface has a test of wrong arguments`() {
        let tested = Set(["random", "id", "participants", "log", "fail", "signal", "reply", "broadcast", "after"])
            .union(["cancel", "send", "sleep", "ask", "get", "set", "update", "key", "snapshot", "exists", "delete"])
            .union(["push", "insert", "remove", "last", "find", "remove_where", "increment", "new"])
        #expect(tested == Set(HostSurface.functions.map(\.name)))
    }

    static func bench(_ body: String) throws -> Bench {
        let bench = try Bench("return { run = function(cells, ctx) \(body) end }")
        bench.host.answer = { operation, _, items, reply in
            guard operation == .child else { return .ok }
            switch items.first {
            case .string("number"): reply.write(LuaNode(3, .scalar))
            case .string("many"): reply.write(LuaNode(4, .many))
            default: reply.write(LuaNode(2, .list))
            }
            return .ok
        }
        return bench
    }

    /// Found by the fuzzer. Our host sends none of these; a mistake there would have read freed memory.
    @Test(
        arguments: [
            ([13, 5, 0, 0, 0, 8, 0, 0, 0, 0], "unknown tag 13"), ([9, 2, 0, 0, 0, 0], "unknown kind 0"),
            ([9, 2, 0, 0, 0, 7], "unknown kind 7"), ([7, 255, 255, 255, 255], "cut short"),
            ([6, 2, 0, 0, 0, 65], "cut short"), ([14], "unknown tag 14"),
        ] as [([UInt8], String)])
    func `a reply that is none is an error`(reply: [UInt8], says: String) throws {
        let bench = try Bench("return { run = function(cells, ctx) return cells.o end }")
        bench.host.answer = { _, _, _, writer in
            writer.write(encoded: reply)
            return .ok
        }
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains(says) == true, "\(String(describing: error))")
    }

    @Test func `keys that are no list are an error`() throws {
        let bench = try Bench("return { run = function(cells, ctx) for _ in pairs(cells) do end end }")
        bench.host.answer = { _, _, _, writer in
            writer.write(Int64(1))
            return .ok
        }
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains("no list of keys") == true)
    }

    @Test func `an error of the host has the caller's position`() throws {
        let bench = try Bench("return { run = function(cells, ctx)\n  ctx.reply(1)\nend }")
        bench.host.answer = { _, _, _, reply in
            reply.write("not now")
            return .error
        }
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.description == "recipe.lua:2: not now\n    ctx.reply(1)")
    }

    @Test func `a failure has a code and pcall may catch it`() throws {
        let bench = try Bench(
            """
            return {
              run = function(cells, ctx) ctx.fail("full", "The room is full.") end,
              caught = function(cells, ctx)
                local ok, failure = pcall(ctx.fail, "full", "The room is full.")
                return tostring(ok) .. " " .. failure.code .. " " .. tostring(failure)
              end,
              host = function(cells, ctx) ctx.reply(1) end,
            }
            """)
        bench.host.answer = { _, _, _, reply in
            reply.write("denied")
            reply.write("Not yours.")
            return .failure
        }
        var error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .failed(code: "full"))
        #expect(error?.message == "The room is full.")
        #expect(try bench.run("caught") == [.string("false full The room is full.")])
        error = #expect(throws: LuaError.self) { try bench.run("host") }
        #expect(error?.kind == .failed(code: "denied"))
    }

    @Test(arguments: [
        "pcall(ctx.reply, 1) return 1", "xpcall(ctx.reply, print, 1) while true do end",
        "coroutine.resume(coroutine.create(function() ctx.reply(1) end)) return 1",
    ])
    func `an abort of the host is not caught and leaves the VM alive`(body: String) throws {
        let bench = try Bench("return { run = function(cells, ctx) \(body) end, fine = function() return 1 end }")
        bench.host.answer = { _, _, _, reply in
            reply.write("too_many_writes")
            reply.write("More than 1000 writes in one event.")
            return .abort
        }
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .aborted(code: "too_many_writes"))
        #expect(error?.message == "More than 1000 writes in one event.")
        #expect(!bench.vm.isDead)
        #expect(try bench.run("fine") == [.integer(1)])
    }

    @Test func `the host sees which line calls`() throws {
        let bench = try Bench(
            """
            local function deep(cells)
              return cells.a
            end
            return { run = function(cells) return deep(cells) end }
            """)
        var seen: LuaPosition?
        bench.host.answer = { [vm = bench.vm] _, _, _, _ in
            seen = vm.caller
            return .ok
        }
        try bench.run()
        #expect(seen == LuaPosition(file: "recipe.lua", line: 2))
    }

    @Test func `the host may call Lua from inside a call`() throws {
        let bench = try Bench(
            """
            return {
              run = function(cells, ctx) return cells.derived + ctx.now end,
              derived = function(cells) return cells.base * 2 end,
              run_co = function(cells) return coroutine.wrap(function() return cells.derived end)() end,
              endless = function() while true do end end,
              outer = function(cells) pcall(function() return cells.endless end) return 1 end,
            }
            """)
        bench.host.answer = { [vm = bench.vm, declaration = bench.declaration] operation, node, items, reply in
            guard operation == .child, case .string(let name)? = items.first else { return .ok }
            guard let function = declaration[name].function else {
                reply.write(Int64(21))
                return .ok
            }
            return vm.derive(function.handle, into: &reply)
        }
        #expect(try bench.run() == [.integer(1_700_000_000_165)])
        #expect(try bench.run("run_co") == [.integer(42)])
        let error = #expect(throws: LuaError.self) { try bench.run("outer") }
        #expect(error?.kind == .limit(.instructions))
    }

    @Test func `logging writes what print would`() throws {
        let bench = try Bench("return { run = function(cells, ctx) print('a', 1, nil, {}) ctx.log(1.5) end }")
        try bench.run()
        #expect(bench.host.calls.map(\.arguments) == [[.string("a\t1\tnil\ttable")], [.string("1.5")]])
    }
}
