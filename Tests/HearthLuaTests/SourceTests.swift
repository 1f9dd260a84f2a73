import HearthLua
import Testing

@Suite struct `Hostile sources` {
    static let deep: [(String, String)] = {
        let many = 100_000
        func nested(_ open: String, _ close: String) -> String {
            String(repeating: open, count: many) + "1" + String(repeating: close, count: many)
        }
        return [
            ("parentheses", "return " + nested("(", ")")), ("tables", "return " + nested("{", "}")),
            ("functions", "return " + nested("function() return ", " end")), ("calls", "return " + nested("f(", ")")),
            ("blocks", nested("do ", " end")), ("loops", nested("while true do ", " end")),
            ("unary minus", "return " + nested("- ", "")), ("not", "return " + nested("not ", "")),
            ("power", "return " + nested("2^", "")), ("concatenation", "return " + nested("''..", "")),
            ("indices", "return " + nested("t[", "]")), ("open only", String(repeating: "(", count: many)),
            ("else", "if a then " + nested("else if a then ", " end")),
        ]
    }()

    @Test(arguments: deep)
    func `nested too deep do not compile`(what: String, text: String) {
        let clock = ContinuousClock()
        let took = clock.measure {
            let error = #expect(throws: LuaError.self) { try Bench(text, limits: LuaLimits(sourceBytes: 0)) }
            #expect(error?.kind == .syntax || error?.kind == .limit(.memory), "\(what): \(String(describing: error))")
        }
        #expect(took < .seconds(1), "\(what)")
    }

    @Test func `larger than the limit are not even read`() throws {
        let text = "return {} --" + String(repeating: "x", count: 1000)
        let error = #expect(throws: LuaError.self) { try Bench(text, limits: LuaLimits(sourceBytes: 1000)) }
        #expect(error?.kind == .syntax)
        #expect(error?.message == "the sources have 1012 bytes, more than the 1000 that a recipe may have")
        _ = try Bench(text, limits: LuaLimits(sourceBytes: 1012))
    }

    /// What costs the compiler most for its length: it looks through all labels and pending jumps for each new one.
    @Test(arguments: ["labels", "jumps", "constants", "locals", "long string", "long name", "comment"])
    func `of full length compile or fail in time`(what: String) {
        let size = 512 << 10
        var text = ""
        switch what {
        case "labels": for number in 0..<60_000 { text += "::a\(number)::\n" }
        case "jumps": for number in 0..<30_000 { text += "goto b ::a\(number)::\n" }
        case "constants": for number in 0..<100_000 { text += "x={\(number)}\n" }
        case "locals": for number in 0..<60_000 { text += "do local a\(number) end\n" }
        case "long string": text = "return '" + String(repeating: "\\0", count: size / 2 - 20) + "'"
        case "long name": text = "return " + String(repeating: "a", count: size - 20)
        default: text = "--[" + String(repeating: "=", count: size - 20)
        }
        let clock = ContinuousClock()
        let took = clock.measure {
            _ = try? Bench(
                String(text.utf8.prefix(size)) ?? "", limits: LuaLimits(load: LuaBudget(milliseconds: 500)))
        }
        #expect(took < .seconds(1), "\(what)")
    }

    /// Lua 5.4.4 writes past its stack when an allocation fails in the wrong moment of a deep parse.
    @Test func `fail cleanly when memory runs out at any point`() throws {
        let text =
            "return {" + (0..<40).map { "function(a) return { a, [\($0)] = 'text \($0)' } end" }.joined(separator: ",")
            + "}"
        for memory in stride(from: 120_000, to: 320_000, by: 2_000) {
            do throws(LuaError) {
                _ = try LuaVM(
                    modules: [SourceFile(path: "recipe.lua", text: text)], limits: LuaLimits(memoryBytes: memory))
            } catch {
                #expect(error.kind == .limit(.memory))
            }
        }
    }

    @Test(arguments: [
        "local function f() return 1 + f() end return f()",
        "local t = setmetatable({}, {}) local function f() return f() + 1 end f()",
        "local mt = {} mt.__index = function(t, k) return t[k + 1] end return setmetatable({}, mt)[1]",
        "local mt = {} mt.__add = function(a, b) return a + b end local x = setmetatable({}, mt) return x + x",
        "local mt = {} mt.__tostring = function(x) return tostring(x) end return tostring(setmetatable({}, mt))",
        "local function f(s) return (s:gsub('.', f)) end return f('a')",
        "local t = {} t.__index = t setmetatable(t, t) return t.x",
        "local function f() table.sort({ 1, 2 }, f) end f()",
        "local function f() for _ in f do end end f()",
        "return (('x'):rep(100)):gsub('x', function() error(setmetatable({}, {})) end)",
    ])
    func `recursion without end is an error of its own, and quick`(body: String) throws {
        let bench = try Bench("return { run = function() \(body) end }")
        let clock = ContinuousClock()
        let took = clock.measure {
            let error = #expect(throws: LuaError.self) { try bench.run() }
            #expect(error?.kind == .runtime)
            #expect(error?.line == 1)
        }
        #expect(took < .milliseconds(500))
        #expect(!bench.vm.isDead)
    }

    @Test(arguments: [
        "local function f() return 1 + f() end while true do pcall(f) end",
        "local function f() return 1 + f() end while true do xpcall(f, f) end",
        "local function f() return 1 + f() end while true do coroutine.wrap(pcall)(f) end",
        "local function f() pcall(f) return 1 + f() end f()",
        "local function f() return xpcall(f, f) end while true do f() end",
    ])
    func `caught again and again it ends at a limit`(body: String) throws {
        let bench = try Bench("return { run = function() \(body) end }")
        let error = #expect(throws: LuaError.self) { try bench.run() }
        guard case .limit? = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
