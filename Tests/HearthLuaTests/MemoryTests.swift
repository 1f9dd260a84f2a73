import CLuaBridge
import HearthLua
import Testing

/// Every allocation is made to fail in turn. Nothing may crash, nothing may leak, and the run must say why it ended.
@Suite(.serialized) struct `Running out of memory at any point` {
    static let recipe = """
        local function make(kind) return function(of) return { kind = kind, of = of } end end
        local t = { list = make "list", object = make "object", string = make "string" }
        local limits = { text = 10, list = { 1, 2 } }
        local Class = {}
        Class.__index = Class
        local function size(n) return n + limits.text end
        return recipe {
          name = "memory", cells = { messages = t.list(t.object { text = t.string { max = 10 } }) },
          run = function(cells, ctx)
            cells.messages:push { author = cells.user, text = ("x"):rep(size(5)), at = ctx.now }
            cells.messages[1] = { a = { 1, 2, { b = ctx.who } }, link = hearth.link_of(cells.user) }
            for key, value in pairs { z = 1, y = 2, x = 3 } do cells[key] = value end
            for _, word in ipairs { "one", "two" } do cells.messages:insert(1, word) end
            local ok = pcall(function() error { code = "x" } end)
            local failed, failure = pcall(ctx.fail, "code", "message")
            ctx.signal("name", { data = tostring(cells.messages) }, { to = "all" })
            ctx.log("text", 1, {}, failure)
            local made = setmetatable({}, Class)
            local wrapped = coroutine.wrap(function(a) coroutine.yield(a) return cells.messages:find(function() end) end)
            wrapped(1) wrapped()
            local text = ("a b c"):gsub("%a", { a = "1" }) .. string.format("%5.2f|%s", 1.5, made)
            table.sort({ 3, 1, 2 }, function(a, b) return a < b end)
            return { text, os.date(), #cells.messages, cells.messages:snapshot(), table.concat({ "a", "b" }, ",") }
          end,
        }
        """

    static func answer(
        _ operation: HostOperation?, _ node: UInt32, _ items: [LuaItem], _ reply: inout LuaWriter
    ) -> LuaStatus {
        switch operation {
        case .child: reply.write(LuaNode(node + 1, .list))
        case .length: reply.write(Int64(2))
        case .describe: reply.write("messages")
        case .linkOf: reply.writeLink("user#")
        case .snapshot:
            reply.beginList(count: 1)
            reply.beginObject(count: 1)
            reply.writeKey("text")
            reply.write("a string that is longer than forty bytes, so that it is not interned")
        default: break
        }
        return .ok
    }

    @Test func `opening`() {
        var opened: OpaquePointer?
        var failures = 0
        while opened == nil {
            opened = bridge_open_failing(0, { _, _, _, _, _, _ in 0 }, nil, Int64(failures))
            failures += 1
        }
        bridge_close(opened)
        #expect(failures > 100)
        #expect(bridge_bytes_leaked() == 0)
    }

    @Test func `compiling and loading`() throws {
        let main = SourceFile(path: "recipe.lua", text: Self.recipe)
        var count = 0
        var isDone = false
        while !isDone {
            let vm = try LuaVM(modules: [main])
            vm.failAllocations(after: count)
            do throws(LuaError) {
                _ = try vm.load(main: main)
                isDone = true
            } catch {
                #expect(error.kind == .limit(.memory))
                #expect(vm.isDead)
            }
            count += 1
        }
        #expect(count > 50)
        #expect(bridge_bytes_leaked() == 0)
    }

    @Test func `running a handler`() throws {
        var count = 0
        var isDone = false
        while !isDone {
            let bench = try Bench(Self.recipe)
            bench.host.answer = Self.answer
            bench.vm.failAllocations(after: count)
            do throws(LuaError) {
                try bench.attempt()
                isDone = true
            } catch {
                #expect(error.kind == .limit(.memory), "allocation \(count): \(error)")
                #expect(bench.vm.isDead)
            }
            count += 1
        }
        #expect(count > 50)
        #expect(bridge_bytes_leaked() == 0)
    }
}

extension Bench {
    /// `run` with its error typed.
    func attempt() throws(LuaError) {
        do {
            try run()
        } catch let error as LuaError {
            throw error
        } catch {
            throw LuaError(.host, "\(error)")
        }
    }
}
