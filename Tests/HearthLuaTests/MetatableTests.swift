import HearthLua
import Testing

@Suite struct `Metatables` {
    /// Lua looks for `__mode` and `__close` when it collects and when a block ends: a metatable that gained them after
    /// `setmetatable` made weak tables and ran code while a coroutine or a VM was closed.
    @Test(
        arguments: ["__gc", "__close", "__mode"],
        [
            "setmetatable({}, { [name] = value })", "mt[name] = value", "rawset(mt, name, value)",
            "local class = setmetatable({}, { __index = {} }) setmetatable({}, class) class[name] = value",
            "setmetatable(mt, mt) mt[name] = value", "setmetatable(mt, { __newindex = rawset }) mt[name] = value",
            "setmetatable(mt, { __newindex = function(t, k, v) rawset(t, k, v) end }) mt[name] = value",
            "local front = setmetatable({}, { __newindex = mt }) front[name] = value",
            "local t = setmetatable({}, mt) setmetatable(t, nil) mt[name] = value",
            "table.move({ value }, 1, 1, 1, setmetatable({}, { __newindex = function(_, _, v) mt[name] = v end }))",
        ])
    func `never have what Lua would obey later`(name: String, attack: String) throws {
        let error = #expect(throws: LuaError.self) {
            try Bench.evaluate(
                """
                local name, value, mt = "__" .. ("\(name)"):sub(3), "k", {}
                setmetatable({}, mt)
                \(attack)
                """)
        }
        #expect(error?.kind == .runtime)
        #expect(error?.message.contains("`\(name)`") == true || error?.message.contains("\(name) is") == true)
    }

    /// What freezing copied from a metatable became the metatable of a frozen table, finaliser included.
    @Test func `of module tables gain no finalizer before they are frozen`() {
        let error = #expect(throws: LuaError.self) {
            try Bench(
                """
                local mt = {}
                local x = setmetatable({}, mt)
                mt.__gc = function() while true do end end
                return { run = function() return x end }
                """)
        }
        #expect(error?.line == 3)
    }

    @Test(arguments: [
        "local x <close> = setmetatable({}, { __index = function() return print end })",
        "local x <close> = print", "local x <close> = cells", "local x <close> = ctx", "local x <close> = hearth.null",
        "local x <close> = coroutine.create(print)", "local x <close> = 'text'", "local x <close> = string",
        "for _ in function() end, nil, nil, setmetatable({}, {}) do end",
    ])
    func `make nothing closable`(attack: String) {
        let error = #expect(throws: LuaError.self) { try Bench.evaluate(attack) }
        #expect(error?.message.contains("non-closable") == true)
    }

    /// Lua 5.4.4 overflows the C stack when thousands of coroutines, each started by the one before, are closed.
    @Test func `leave nothing to do when thousands of coroutines are closed`() throws {
        let bench = try Bench(
            """
            return { run = function()
              local chain
              for i = 1, 20000 do
                local before = chain
                chain = coroutine.wrap(function()
                  local x <close> = nil
                  for _ in function() return 1 end, nil, nil, nil do coroutine.yield(before) end
                end)
                chain()
              end
              error "dropped"
            end }
            """)
        let error = #expect(throws: LuaError.self) {
            var bench = bench
            bench.budget = .unlimited
            try bench.run()
        }
        #expect(error?.message == "dropped")
        bench.vm.collect()
    }

    @Test(arguments: [
        ("local t = setmetatable({}, mt) mt.__index = function(_, k) return k end return t.a", "a"),
        ("mt.x = 1 mt.y = 2 local s = '' for k, v in pairs(mt) do s = s .. k .. v end return s", "x1y2"),
        ("mt[1] = 5 mt[2] = 6 table.insert(mt, 7) return #mt .. table.concat(mt, '-') .. rawlen(mt)", "35-6-73"),
        ("mt.x = 1 return rawget(mt, 'x') .. tostring(next(mt)) .. tostring(mt.y)", "1xnil"),
        ("rawset(mt, 'x', 2) mt.x = mt.x + 1 mt.y = nil return tostring(mt.x)", "3"),
        ("return tostring(getmetatable(setmetatable({}, mt)) == mt) .. tostring(getmetatable(mt))", "truenil"),
        ("setmetatable(mt, mt) mt.__index = function(_, k) return k .. '!' end return mt.b", "b!"),
        ("setmetatable(mt, mt) return tostring(getmetatable(mt) == mt)", "true"),
        ("setmetatable(mt, { __call = function(_, x) return x end }) return mt('c')", "c"),
        ("setmetatable(mt, { __index = { d = 'd' } }) setmetatable(mt, nil) return tostring(mt.d)", "nil"),
        (
            "local log = '' setmetatable(mt, { __newindex = function(t, k, v) log = log .. k rawset(t, k, v) end })"
                + " mt.e = 1 mt.e = 2 return log .. mt.e", "e2"
        ),
        ("local parent = {} setmetatable(mt, parent) parent.__index = { f = 'late' } return mt.f", "late"),
        ("mt[3] = 'c' mt[1] = 'b' mt[2] = 'a' table.sort(mt) return table.concat(mt)", "abc"),
        ("local t = setmetatable({}, { __len = function() return 9 end }) return tostring(#t)", "9"),
    ])
    func `stay tables like others`(body: String, result: String) throws {
        #expect(try Bench.evaluate("local mt = {} setmetatable({}, mt) \(body)") == [.string(result)])
    }

    @Test func `work the same once they are frozen`() throws {
        let bench = try Bench(
            """
            local Base, Class, self = {}, {}, {}
            Base.__index = Base
            local early = setmetatable({}, Class)
            Class.__index = Class
            setmetatable(Class, Base)
            function Base.name() return "base" end
            function Class.own() return "own" end
            Class.__len = function() return 7 end
            setmetatable(self, self)
            self.__index = function(_, key) return key end
            return { run = function()
              local late = setmetatable({}, Class)
              assert(not pcall(rawset, Class, "x", 1) and not pcall(setmetatable, Class, nil))
              return early.name() .. early.own() .. late.name() .. late.own() .. #early .. #late .. self.any
                .. tostring(getmetatable(early) == Class and getmetatable(late) == Class and getmetatable(Class) == Base)
            end }
            """)
        #expect(try bench.run() == [.string("baseownbaseown77anytrue")])
    }
}
