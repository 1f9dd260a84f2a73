import HearthLua
import Testing

@Suite struct `Lua holds no state` {
    @Test(arguments: [
        "config.limit = 1", "config.inner.x = 1", "rawset(config, 'limit', 1)", "table.insert(config.names, 'c')",
        "table.remove(config.names)", "table.sort(config.names)", "setmetatable(config, {})", "config.fresh = {}",
        "config.names[3] = 'c'", "Point.extra = 1", "origin.x = 2", "rawset(Point, '__index', nil)",
        "helper().limit = 2",
    ])
    func `module tables are read-only after load`(attack: String) throws {
        let bench = try Bench(
            """
            local config = { limit = 5, names = { "a", "b" }, inner = { x = 0 } }
            local Point = {}
            Point.__index = Point
            local origin = setmetatable({ x = 1 }, Point)
            local function helper() return config end
            return { run = function() \(attack) end, read = function() return config.limit + origin.x end }
            """)
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains("read-only") == true)
        #expect(try bench.run("read") == [.integer(6)])
    }

    @Test func `frozen tables read like tables`() throws {
        let bench = try Bench(
            """
            local config = { 10, 20, 30, name = "n", ["end"] = 1 }
            return { run = function()
              local keys = {}
              for key in pairs(config) do keys[#keys + 1] = tostring(key) end
              local sum = 0
              for _, value in ipairs(config) do sum = sum + value end
              return table.concat(keys, " ") .. " " .. #config .. " " .. rawlen(config) .. " " .. sum .. " "
                .. rawget(config, "name") .. " " .. table.concat(config, ",") .. " " .. select("#", table.unpack(config))
                .. " " .. tostring(next(config)) .. " " .. tostring(getmetatable(config))
            end }
            """)
        #expect(try bench.run() == [.string("1 2 3 end name 3 3 60 n 10,20,30 3 1 nil")])
    }

    @Test func `classes of a module keep working`() throws {
        let bench = try Bench(
            """
            local Animal = {}
            Animal.__index = Animal
            function Animal.new(name) return setmetatable({ name = name }, Animal) end
            function Animal:say() return self.name end
            local Dog = setmetatable({}, { __index = Animal })
            Dog.__index = Dog
            Dog.__tostring = function(self) return "dog " .. self.name end
            function Dog.new(name) return setmetatable({ name = name }, Dog) end
            local rex = Dog.new("Rex")
            return { run = function()
              local fresh = Dog.new("Fido")
              fresh.name = fresh.name .. "!"
              return rex:say() .. tostring(rex) .. fresh:say() .. tostring(fresh)
                .. tostring(getmetatable(fresh) == Dog) .. tostring(getmetatable(rex) == Dog)
            end }
            """)
        #expect(try bench.run() == [.string("Rexdog RexFido!dog Fido!truetrue")])
    }

    @Test func `a changed variable fails the run and is put back`() throws {
        let bench = try Bench(
            """
            local count = 0
            return {
              run = function() count = count + 1 return count end,
              fails = function() count = 7 error("no") end,
              read = function() return count end,
            }
            """)
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.message.contains("`count`") == true)
        #expect(try bench.run("read") == [.integer(0)])
        #expect(throws: LuaError.self) { try bench.run("fails") }
        #expect(try bench.run("read") == [.integer(0)])
    }

    @Test(arguments: [
        "local c = coroutine.create(print) return { run = function() return c end }",
        "local c = coroutine.wrap(function() end) return { run = function() return c end }",
        "local i = pairs { 1 } return { run = function() return i end }",
        "local i = string.gmatch('a', 'a') return { run = function() return i end }",
    ])
    func `things that change as they run cannot be kept`(recipe: String) {
        let error = #expect(throws: LuaError.self) { try Bench(recipe) }
        #expect(error?.message.contains("kept at module level") == true)
    }

    @Test func `a require inside a handler does not load`() throws {
        let bench = try Bench(
            "return { run = function() return require 'extra' end }",
            modules: [SourceFile(path: "extra.lua", text: "return {}")])
        #expect(throws: LuaError.self) { try bench.run() }
    }
}
