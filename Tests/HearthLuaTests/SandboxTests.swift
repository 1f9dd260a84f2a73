import HearthLua
import Testing

@Suite struct `The sandbox` {
    @Test func `a recipe finds exactly the listed globals`() throws {
        let bench = try Bench(
            "return { names = probe_names() }",
            prelude: SourceFile(
                path: "probe", text: "local internals = ... return { probe_names = internals.globals }"))
        let names = bench.declaration["names"].items?.compactMap(\.string) ?? []
        #expect(names == (SandboxSurface.functions + SandboxSurface.libraries.keys + ["probe_names"]).sorted())
    }

    @Test(arguments: SandboxSurface.libraries.keys.sorted())
    func `a library has exactly the listed fields`(library: String) throws {
        let result = try Bench.evaluate(
            "local names = hearth.list{} for name in pairs(\(library)) do names[#names + 1] = name end return names")
        let names = result.dropFirst().compactMap { item in if case .string(let name) = item { name } else { nil } }
        #expect(names == SandboxSurface.libraries[library])
    }

    @Test(arguments: [
        "string.format = nil", "rawset(string, 'x', 1)", "table.insert(string, 1)", "math.pi = 3", "hearth.null = 1",
        "getmetatable('').__index = {}", "x = 1", "pairs = nil", "table.sort(math)", "table.move({1}, 1, 1, 1, os)",
        "setmetatable(string, {})", "rawset(coroutine, 'wrap', 1)",
    ])
    func `libraries and globals are read-only`(attack: String) {
        #expect(throws: LuaError.self) { try Bench.evaluate(attack) }
    }

    @Test(arguments: ["__gc", "__close", "__mode"])
    func `setmetatable refuses`(field: String) {
        let error = #expect(throws: LuaError.self) { try Bench.evaluate("setmetatable({}, { \(field) = 'k' })") }
        #expect(error?.message.contains(field) == true)
    }

    @Test(arguments: [
        "tostring({})", "tostring(print)", "tostring(function() end)", "tostring(coroutine.create(print))",
        "string.format('%s', {})", "tostring(hearth.list{})", "tostring(setmetatable({}, { __name = 'thing' }))",
        "tostring(cells)", "tostring(ctx)", "select(2, pcall(error, {})) and 'x'",
    ])
    func `no text shows an address`(expression: String) throws {
        guard case .string(let text)? = try Bench.evaluate("return \(expression)").first else {
            Issue.record("not a string")
            return
        }
        #expect(!text.contains("0x"))
    }

    @Test func `format refuses to show pointers`() {
        #expect(throws: LuaError.self) { try Bench.evaluate("return string.format('%p', {})") }
    }

    @Test func `byte code and the environment's name are refused`() {
        #expect(throws: LuaError.self) { try Bench("\u{1B}Lua") }
        #expect(throws: LuaError.self) { try Bench("local _ENV = {} return {}") }
    }

    @Test func `time is the run's`() throws {
        #expect(try Bench.evaluate("return os.time()") == [.integer(1_700_000_000)])
        #expect(try Bench.evaluate("return os.date('!%Y-%m-%d %H:%M:%S')") == [.string("2023-11-14 22:13:20")])
    }

    @Test func `random numbers derive from the seed`() throws {
        let bench = try Bench("return { run = function(cells, ctx) return { math.random(1000), ctx.random() } end }")
        let first = try bench.run(seed: 7)
        #expect(try bench.run(seed: 7) == first)
        #expect(try bench.run(seed: 8) != first)
    }

    @Test func `tables are walked in one order`() throws {
        let result = try Bench.evaluate(
            """
            local t, seen = { zeta = 1, alpha = 2, [3] = 1, [1] = 1, [2.5] = 1, [true] = 1, mid = 3, long_key_ = 4 }, {}
            for key in pairs(t) do seen[#seen + 1] = tostring(key) end
            local key = nil
            repeat key = next(t, key) seen[#seen + 1] = tostring(key) until key == nil
            return table.concat(seen, " ")
            """)
        let order = "1 2.5 3 alpha long_key_ mid zeta true"
        #expect(result == [.string("\(order) \(order) nil")])
    }

    @Test func `sorting is stable`() throws {
        let result = try Bench.evaluate(
            """
            local t = {}
            for i = 1, 300 do t[i] = { key = i % 3, at = i } end
            table.sort(t, function(a, b) return a.key < b.key end)
            for i = 2, 300 do
              local a, b = t[i - 1], t[i]
              assert(a.key < b.key or a.key == b.key and a.at < b.at)
            end
            return true
            """)
        #expect(result == [.bool(true)])
    }

    @Test func `modules are files of the folder and are loaded once`() throws {
        let cards = SourceFile(path: "lib/cards.lua", text: "local n = { count = 52 } return n")
        let bench = try Bench(
            "local c = require 'lib.cards' return { run = function() return c.count + 0, require 'lib.cards' == c end }",
            modules: [cards])
        #expect(try bench.run() == [.integer(52)])
        #expect(throws: LuaError.self) { try Bench("require 'io'") }
        #expect(throws: LuaError.self) { try Bench("require '../secret'") }
    }
}
