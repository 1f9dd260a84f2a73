import HearthLua
import Testing

@Suite struct `Proxies` {
    /// `cells.NAME` is a list at node 2 with the items 10, 20, 30; `cells.total` a scalar at node 3 worth 5.
    static func bench(_ body: String) throws -> Bench {
        let bench = try Bench("return { run = function(cells, ctx) \(body) end }")
        bench.host.answer = { operation, node, items, reply in
            switch (operation, node, items.first) {
            case (.child, 1, .string("total")): reply.write(LuaNode(3, .scalar))
            case (.child, 1, .string("user")): reply.write(LuaNode(4, .object))
            case (.child, 1, .string("card")): reply.write(LuaNode(5, .many))
            case (.child, 1, .string("plain")): reply.write("text")
            case (.child, 1, _): reply.write(LuaNode(2, .list))
            case (.child, 2, .integer(let index)) where (1...3).contains(index): reply.write(index * 10)
            case (.child, 4, .string("name")): reply.write("Ann")
            case (.length, 2, _): reply.write(Int64(3))
            case (.keys, 4, _):
                reply.beginList(count: 2)
                reply.write("age")
                reply.write("name")
            case (.get, 3, _): reply.write(Int64(5))
            case (.describe, _, _): reply.write("messages")
            case (.linkOf, _, _): reply.writeLink("user#")
            case (.same, _, _): reply.write(true)
            case (.last, _, _):
                reply.beginList(count: 1)
                reply.write(Int64(30))
            default: break
            }
            return .ok
        }
        return bench
    }

    @Test(arguments: [
        ("return cells.messages[2]", LuaItem.integer(20)), ("return #cells.messages", .integer(3)),
        ("local s = 0 for _, v in ipairs(cells.messages) do s = s + v end return s", .integer(60)),
        ("local s = '' for k, v in pairs(cells.user) do s = s .. k .. v end return s", .string("nameAnn")),
        ("return cells.total + 1", .integer(6)), ("return cells.total .. '!'", .string("5!")),
        ("return cells.total < 6", .bool(true)), ("return -cells.total", .integer(-5)),
        ("return tostring(cells.messages)", .string("messages")), ("return cells.plain", .string("text")),
        ("return cells.messages:find(function(v) return v > 10 end)", .integer(20)),
        ("return (select(2, cells.messages:find(function(v) return v > 10 end)))", .integer(2)),
        ("return cells.messages:remove_where(function(v) return true end)", .integer(3)),
        ("return cells.messages:last(1)[1]", .integer(30)), ("return hearth.link_of(cells.user)", .link("user#")),
        ("return hearth.link_of(hearth.link_of(cells.user)) == hearth.link_of(cells.user)", .bool(true)),
        ("return cells.messages == cells.other", .bool(true)), ("return cells.messages == cells.user", .bool(false)),
        ("return cells.messages ~= nil", .bool(true)), ("return cells.user", .node(LuaNode(4, .object))),
    ])
    func `read and compute`(body: String, expected: LuaItem) throws {
        #expect(try Self.bench(body).run().first == expected)
    }

    @Test func `a root cell is asked for once per run`() throws {
        let bench = try Self.bench("for i = 1, 5 do local x = #cells.messages end")
        try bench.run()
        #expect(bench.host.calls.count { $0.operation == HostOperation.child.rawValue } == 1)
        try bench.run()
        #expect(bench.host.calls.count { $0.operation == HostOperation.child.rawValue } == 2)
    }

    @Test func `a lasting root is asked for once per VM, and each run has a proxy of its own`() throws {
        let bench = try Bench(
            """
            return {
              keep = function(cells) put(cells.log) end,
              run = function(cells)
                local a, b, c = cells.log, cells.log, cells.log
                return { a == b and b == c and rawequal(b, c), #a }
              end,
              again = function(cells) return #get() end,
            }
            """,
            prelude: SourceFile(
                path: "keeper",
                text: "local kept return { put = function(v) kept = v end, get = function() return kept end }"))
        bench.host.answer = { operation, node, _, reply in
            if operation == .child { reply.write(LuaNode(LuaNode.lasting + 3, .list)) }
            if operation == .length { reply.write(Int64(node == LuaNode.lasting + 3 ? 7 : 0)) }
            return .ok
        }
        for _ in 0..<3 {
            try bench.run("keep", knowsRoots: true)
            #expect(try bench.run(knowsRoots: true) == [.list(count: 2), .bool(true), .integer(7)])
            let error = #expect(throws: LuaError.self) { try bench.run("again", knowsRoots: true) }
            #expect(error?.message == "`log` was kept from an earlier event; state belongs in cells")
        }
        #expect(bench.host.calls.count { $0.operation == HostOperation.child.rawValue } == 1)
        // Where no participant speaks, the host says what there is.
        try bench.run("keep")
        #expect(bench.host.calls.count { $0.operation == HostOperation.child.rawValue } == 2)
    }

    @Test func `assignments carry key and value`() throws {
        let bench = try Self.bench("cells.title = 'x' cells.user.name = nil cells.messages[1] = { a = { 1.0, {} } }")
        try bench.run()
        let assigned = bench.host.calls.filter { $0.operation == HostOperation.assign.rawValue }.map(\.arguments)
        #expect(
            assigned == [
                [.string("title"), .string("x")], [.string("name"), .absent],
                [.integer(1), .object(count: 1), .string("a"), .list(count: 2), .double(1), .empty],
            ])
    }

    @Test(arguments: [
        ("cells.messages", "`messages` was kept from an earlier event; state belongs in cells"),
        ("cells", "`cells` was kept from an earlier event; state belongs in cells"),
        ("ctx", "`ctx` was kept from an earlier event; state belongs in cells"),
        ("cells.user", "`user` was kept from an earlier event; state belongs in cells"),
    ])
    func `a kept proxy says so`(what: String, message: String) throws {
        let kept = try Keeper(what: what)
        let error = #expect(throws: LuaError.self) { try kept.useAgain() }
        #expect(error?.message == message)
    }

    @Test(arguments: [
        "cells.messages[1.5] = 1", "cells.messages[true] = 1", "return cells.messages[{}]", "cells.x = function() end",
        "cells.x = coroutine.create(print)", "cells.x = 0/0", "cells.x = 1/0", "cells.x = '\\xff'",
        "local t = {} t.t = t cells.x = t", "cells.x = { 1, 2, nil, 4 }", "cells.x = { 1, a = 2 }",
        "cells.x = { [true] = 1 }", "cells.x = ctx", "ctx.now = 1", "ctx.nothing()", "cells.messages.push(1)",
        "cells.total:push(1)", "cells.user:increment()", "cells.card:push(1)", "cells.messages.push(cells.total, 1)",
        "return cells.user + 1", "return cells.messages < 1", "for k in pairs(ctx) do end", "return #ctx",
        "getmetatable(cells).__index = nil", "setmetatable(cells, {})", "rawset(cells, 'a', 1)", "rawget(cells, 'a')",
        "hearth.link_of(1)", "hearth.list(1)", "hearth.list(setmetatable({}, {}))",
    ])
    func `misuse is an error with a line`(body: String) throws {
        let error = #expect(throws: LuaError.self) { try Self.bench(body).run() }
        #expect(error?.kind == .runtime)
        #expect(error?.line == 1)
        #expect(error?.message.isEmpty == false)
    }

    @Test func `a value that cannot be stored is named by its path`() throws {
        let error = #expect(throws: LuaError.self) {
            try Self.bench("cells.messages:push { author = { tags = { 'a', 0/0 } } }").run()
        }
        #expect(error?.message == "messages: the value at author.tags[2] is not a number (NaN)")
    }
}

/// Carries a proxy from one run into the next through a variable of a trusted prelude, the one place that could.
final class Keeper {
    let bench: Bench

    init(what: String) throws {
        bench = try Bench(
            """
            return { keep = function(cells, ctx) put(\(what)) end, run = function() return (get()).name end }
            """,
            prelude: SourceFile(
                path: "keeper",
                text: "local kept return { put = function(v) kept = v end, get = function() return kept end }"))
        bench.host.answer = { operation, node, _, reply in
            if operation == .child, node == 1 { reply.write(LuaNode(2, .object)) }
            return .ok
        }
        try bench.run("keep")
    }

    func useAgain() throws { try bench.run() }
}
