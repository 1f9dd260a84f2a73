import HearthLua
import Testing

@Suite struct `Errors` {
    @Test func `a syntax error names file, line and text`() {
        let error = #expect(throws: LuaError.self) { try Bench("local a = 1\n  local b = = 2\nreturn {}") }
        #expect(error?.kind == .syntax)
        #expect(error?.description == "recipe.lua:2: unexpected symbol near '='\n    local b = = 2")
    }

    @Test func `a syntax error in a module names the module`() {
        let error = #expect(throws: LuaError.self) {
            try Bench("return {}", modules: [SourceFile(path: "lib/cards.lua", text: "return (")])
        }
        #expect(error?.file == "lib/cards.lua")
    }

    @Test func `a runtime error names file, line and text`() throws {
        let bench = try Bench("return { run = function(cells)\n  local user = nil\n  return user.name\nend }")
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.kind == .runtime)
        #expect(
            error?.description
                == "recipe.lua:3: attempt to index a nil value (local 'user')\n    return user.name")
        #expect(error?.traceback.contains("recipe.lua:3") == true)
    }

    @Test(arguments: [
        ("error('plain')", "plain"), ("error({ message = 'in a table' })", "in a table"),
        ("error({})", "a table was raised as an error"), ("error(nil)", "a nil value was raised as an error"),
        (
            "error(setmetatable({}, { __tostring = function() while true do end end }))",
            "a table was raised as an error"
        ),
        ("assert(false)", "assertion failed!"), ("assert(nil, 'why')", "why"), ("error(12)", "12"),
        (
            "select(2, xpcall(error, function(m) return m end, 'x')):nothing()",
            "attempt to call a nil value (method 'nothing')"
        ),
    ])
    func `whatever is raised becomes text`(body: String, message: String) {
        let error = #expect(throws: LuaError.self) { try Bench.evaluate(body) }
        #expect(error?.message == message)
        #expect(error?.line == 1)
    }

    @Test func `level two blames the caller`() throws {
        let bench = try Bench(
            "local function need(v)\n  error('needed', 2)\nend\nreturn { run = function()\n  need()\nend }")
        let error = #expect(throws: LuaError.self) { try bench.run() }
        #expect(error?.line == 5)
        #expect(error?.sourceLine == "need()")
    }

    @Test func `a long message is cut at a whole character`() {
        let error = #expect(throws: LuaError.self) { try Bench.evaluate("error(('é'):rep(5000), 0)") }
        #expect(error?.message.allSatisfy { $0 == "é" } == true)
    }

    @Test func `a returned function or coroutine is refused`() {
        #expect(throws: LuaError.self) { try Bench.evaluate("return print") }
        #expect(throws: LuaError.self) { try Bench.evaluate("return coroutine.create(print)") }
    }
}
