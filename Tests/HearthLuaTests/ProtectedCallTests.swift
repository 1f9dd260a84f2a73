import CLuaBridge
import HearthLua
import Testing

/// An error is handled once it has unwound: nothing runs where it was raised, with what is left of Lua's stack there.
@Suite struct `A handler of errors` {
    @Test func `has room even for an error that ran out of it`() throws {
        let result = try Bench.evaluate(
            """
            local function down() return (("x"):gsub("x", down)) end
            local function nest(n) return n == 0 and "room" or (("x"):gsub("x", function() return nest(n - 1) end)) end
            return select(2, xpcall(down, function() return nest(150) end))
            """)
        #expect(result == [.string("room")])
    }

    @Test(arguments: [
        ("xpcall(error, function(m) return m .. '!' end, 'a')", ["false", "a!"]),
        ("xpcall(error, function(...) return select('#', ...), 2 end, 'a')", ["false", "1"]),
        ("xpcall(error, function() end, 'a')", ["false", "nil"]),
        ("xpcall(function(...) return ... end, error, 1, nil, 3)", ["true", "1", "nil", "3"]),
        ("xpcall(error, function() error('b', 0) end, 'a')", ["false", "b"]),
        (
            "xpcall(error, function() return select(2, xpcall(error, function(m) return m .. 2 end, 'b')) end)",
            ["false", "b2"]
        ),
    ])
    func `gets what was raised, once, and gives what is returned`(body: String, values: [String]) throws {
        let result = try Bench.evaluate(
            "local function all(...) local t = hearth.list{} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end return t end return all(\(body))"
        )
        #expect(result.dropFirst() == values.map(LuaItem.string)[...])
    }

    @Test func `runs when its function ends, having waited`() throws {
        let result = try Bench.evaluate(
            """
            local resume = coroutine.wrap(function() return xpcall(function() error(coroutine.yield(), 0) end, string.upper) end)
            resume()
            return select(2, resume("late"))
            """)
        #expect(result == [.string("LATE")])
    }
}

@Suite struct `What a run runs on` {
    @Test(arguments: [
        ("coroutine.yield(1)", "attempt to yield from outside a coroutine"),
        ("assert(coroutine.resume(coroutine.running()))", "cannot resume non-suspended coroutine"),
        (
            "local main = coroutine.running() coroutine.wrap(function() assert(coroutine.resume(main)) end)()",
            "cannot resume non-suspended coroutine"
        ),
    ])
    func `is no coroutine of the recipe's`(body: String, message: String) {
        let error = #expect(throws: LuaError.self) { try Bench.evaluate(body) }
        #expect(error?.message.hasSuffix(message) == true)
    }

    @Test func `says so`() throws {
        let result = try Bench.evaluate(
            """
            local main, is = coroutine.running()
            local other = coroutine.wrap(function() return select(2, coroutine.running()), coroutine.isyieldable(), coroutine.status(main) end)
            local inner, yieldable, status = other()
            return table.concat({ tostring(is), tostring(coroutine.isyieldable()), coroutine.status(main), tostring(inner), tostring(yieldable), status }, " ")
            """)
        #expect(result == [.string("true false running false true normal")])
    }

    @Test func `is given up after an error, and the next run is as good`() throws {
        let bench = try Bench(
            "return { run = function(cells, ctx) local function f(n) if n == 0 then error('x') end f(n - 1) end f(100) end, fine = function() return 1 end }"
        )
        for _ in 0..<300 {
            let error = #expect(throws: LuaError.self) { try bench.run() }
            #expect(
                error?.traceback.hasPrefix("stack traceback:\n\t[C]: in global 'error'\n\trecipe.lua:1: in ") == true)
            #expect(try bench.run("fine") == [.integer(1)])
        }
        #expect(bench.vm.memoryUsed < 1 << 20)
    }

    @Test(arguments: 0..<20)
    func `is made anew after an error, unless memory is out`(allocations: Int) throws {
        let bench = try Bench("return { run = function() error('x') end, fine = function() return 1 end }")
        #expect(throws: LuaError.self) { try bench.run() }
        bench.vm.failAllocations(after: allocations)
        do { #expect(try bench.run("fine") == [.integer(1)]) } catch let error as LuaError {
            #expect(error.kind == .limit(.memory) && bench.vm.isDead)
        }
    }
}

@Suite struct `A run within a run` {
    /// `run` with a cell that the host derives by calling Lua.
    private func bench(_ run: String, derived: String) throws -> Bench {
        let bench = try Bench(
            """
            return { run = function(cells) \(run) return 1 end,
              derived = function() \(derived) end }
            """)
        bench.host.answer = { [vm = bench.vm, declaration = bench.declaration] operation, _, _, reply in
            guard operation == .child, let function = declaration["derived"].function else { return .ok }
            return vm.derive(function.handle, into: &reply)
        }
        return bench
    }

    @Test func `counts, however short it is`() throws {
        let bench = try bench(
            "for i = 1, 2000 do local x = cells.derived end",
            derived: "local n = 0 for i = 1, 100 do n = n + 1 end return n")
        try bench.run()
        #expect(bench.vm.instructionsUsed > 200_000)
    }

    @Test func `that fails fails the call, at the line of the one that called`() throws {
        let bench = try bench("local x = cells.derived", derived: "error('inside')")
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains("inside") == true)
        #expect(error?.line == 1)
        #expect(error?.traceback.contains("in function <recipe.lua:1>") == true)
    }

    @Test(arguments: 0..<60)
    func `ends the outer one when memory is out`(allocations: Int) throws {
        let bench = try bench("pcall(function() return cells.derived end)", derived: "error({})")
        bench.vm.failAllocations(after: allocations)
        do { #expect(try bench.run() == [.integer(1)]) } catch let error as LuaError {
            #expect(error.kind == .limit(.memory) && bench.vm.isDead)
        }
    }

    @Test func `that fails again and again may be caught again and again`() throws {
        let bench = try bench(
            "for i = 1, 500 do local ok, e = pcall(function() return cells.derived end) assert(not ok and e:find('nil value')) end",
            derived: "local t = nil return t.x")
        #expect(try bench.run() == [.integer(1)])
        #expect(!bench.vm.isDead)
    }
}

@Suite struct `The Lua that is linked` {
    @Test func `is one that recipes may run on`() { #expect(bridge_is_fit(bridge_lua())) }

    @Test(arguments: [
        ("$LuaVersion: Lua 5.4.0  Copyright (C) 1994-2020 Lua.org, PUC-Rio $", false),
        ("$LuaVersion: Lua 5.4.3  C", false),
        ("$LuaVersion: Lua 5.4.4  C", true), ("$LuaVersion: Lua 5.4.10  C", true), ("$LuaVersion: Lua 5.5.0  C", false),
        ("", false),
    ])
    func `is told by its release`(ident: String, fit: Bool) { #expect(bridge_is_fit(ident) == fit) }
}
