import HearthRecipes
import Testing

@Suite struct `A Lua pattern in a schema` {
    @Test(arguments: [
        ("^%a+$", "abc", true), ("^%a+$", "ab1", false), ("%d%d", "a12", true), ("^[%w_-]+$", "a_b-c", true),
        ("^[^@]+@[^@]+$", "a@b", true), ("^[^@]+@[^@]+$", "a@", false), ("a.-c", "xabbcx", true), ("^a?b$", "b", true),
        ("^%b()$", "(a(b)c)", true), ("^%b()$", "(a(b)c", false), ("%f[%a]end%f[%A]", "the end.", true),
        ("%f[%a]end%f[%A]", "ending", false), ("^(%d+)-(%d+)$", "10-20", true), ("^[]]$", "]", true), ("$", "x", true),
        ("a$b", "a$b", true), ("", "", true), ("^%.$", ".", true), ("^%.$", "x", false), ("^%S+$", "a b", false),
    ])
    func `matches as Lua does`(pattern: String, text: String, expected: Bool) throws {
        #expect(try LuaPattern(pattern).matches(text) == expected)
    }

    @Test(arguments: ["%", "[a", "(a", "a)", "%b(", "%fa", "(a)%1"])
    func `is refused at load when malformed`(pattern: String) {
        #expect(throws: LuaPatternError.self) { try LuaPattern(pattern) }
    }

    @Test func `gives up within its steps on a subject made to explode`() throws {
        let pattern = try LuaPattern("^a-a-a-a-a-a-a-a-b$")
        #expect(!pattern.matches(String(repeating: "a", count: 200)))
    }
}
