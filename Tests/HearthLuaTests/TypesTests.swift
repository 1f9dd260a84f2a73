import HearthLua
import Testing

@Suite struct `hearth.types` {
    static func declare(_ expression: String) throws -> Declaration {
        try Bench("local t = require 'hearth.types'\nreturn { it = \(expression) }").declaration["it"]
    }

    @Test func `types are plain tables with a position`() throws {
        let type = try Self.declare("t.string { min = 1, max = 20, default = 'x' }")
        #expect(type["kind"].string == "string")
        #expect(type["max"].integer == 20)
        #expect(type["default"].string == "x")
        #expect(type.position == LuaPosition(file: "recipe.lua", line: 2))
    }

    @Test func `modifiers make copies`() throws {
        let both = try Self.declare(
            """
            (function()
              local a = t.boolean()
              return { a, a :per 'session' :ephemeral() :private() :many() :read 'host' }
            end)()
            """)
        let plain = both.items?.first, modified = both.items?.last
        #expect(plain?["per"].isAbsent == true)
        #expect(modified?["per"].string == "session")
        #expect(modified?["ephemeral"].bool == true)
        #expect(modified?["private"].bool == true)
        #expect(modified?["many"].bool == true)
        #expect(modified?["read"].string == "host")
    }

    @Test func `types nest`() throws {
        let type = try Self.declare(
            """
            t.list(t.object {
              author = t.link 'user', kind = t.enum { 'a', 'b', default = 'a' }, note = t.optional(t.any),
            }, { max = 5 })
            """)
        #expect(type["kind"].string == "list")
        #expect(type["max"].integer == 5)
        let fields = type["of"]["fields"]
        #expect(fields["author"]["target"].string == "user")
        #expect(fields["kind"]["values"].items == [.string("a"), .string("b")])
        #expect(fields["note"]["of"]["kind"].string == "any")
        #expect(type["of"]["open"].bool == false)
    }

    @Test func `derived builders name their source`() throws {
        let last = try Self.declare("t.last('messages', 50)")
        #expect(last["builder"].string == "last")
        #expect(last["source"].string == "messages")
        #expect(last["count"].integer == 50)
        #expect(try Self.declare("t.where('messages', function() end)")["by"].function != nil)
        #expect(try Self.declare("t.sum('orders', 'price')")["by"].string == "price")
        #expect(try Self.declare("t.count 'messages'")["by"].isAbsent)
    }

    @Test func `merge takes a policy or a function`() throws {
        #expect(try Self.declare("t.integer() :merge 'max'")["merge"].string == "max")
        let function = try Self.declare("t.integer() :merge(function(a, b, c) return b end)")["merge"].function
        #expect(function?.position == LuaPosition(file: "recipe.lua", line: 2))
    }

    @Test func `recipe marks its argument`() throws {
        let bench = try Bench("\nreturn recipe { name = 'chat' }")
        #expect(bench.declaration["kind"].string == "recipe")
        #expect(bench.declaration.position?.line == 2)
    }

    @Test(arguments: [
        "t.list()", "t.list(1)", "t.list {}", "t.object()", "t.object { a = 1 }", "t.object { t.any }",
        "t.object(t.any)", "t.enum {}", "t.enum 'a'", "t.string 'a'", "t.string { 1 }", "t.string { kind = 'x' }",
        "t.link(1)",
        "t.last(1, 2)", "t.last('a')", "t.last('a', 0)", "t.sum('a')", "t.any() :per 'room'", "t.any() :read(1)",
        "t.any() :merge(1)",
        "t.any() :ephemeral(1)", "t.nothing()", "t.any().per('session')", "t.optional 'x'",
    ])
    func `a mistake names the recipe's line`(expression: String) {
        let error = #expect(throws: LuaError.self) { try Self.declare(expression) }
        #expect(error?.file == "recipe.lua")
        #expect(error?.line == 2)
    }
}
