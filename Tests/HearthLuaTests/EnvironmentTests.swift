import HearthLua
import Testing

/// Walks what can be reached, as it really is: raw fields and real metatables, which recipes see neither of.
@Suite struct `The environment` {
    static let probe = SourceFile(
        path: "probe",
        text: """
            local internals = ...
            local function walk(found, seen, path, value)
              found[#found + 1] = path .. ":" .. type(value)
              if value == nil or seen[value] then return end
              if type(value) ~= "string" and type(value) ~= "number" and type(value) ~= "boolean" then seen[value] = true end
              if type(value) == "table" then
                for _, pair in ipairs(internals.fields(value)) do
                  local key = type(pair[1]) == "string" and pair[1] or "<" .. type(pair[1]) .. ">"
                  walk(found, seen, path .. "." .. key, pair[2])
                end
                if internals.metatable(value) then walk(found, seen, path .. "!", internals.metatable(value)) end
              end
            end
            local environment = _ENV
            return {
              probe_environment = function()
                local found = hearth.list {}
                walk(found, {}, "_ENV", environment)
                return found
              end,
              probe_metatable = function(value)
                local found, metatable = hearth.list {}, internals.metatable(value)
                for _, pair in ipairs(metatable and internals.fields(metatable) or {}) do found[#found + 1] = pair[1] end
                table.sort(found)
                return found
              end,
            }
            """)

    static func bench(_ body: String) throws -> Bench {
        let bench = try Bench("return { run = function(cells, ctx) \(body) end }", prelude: probe)
        bench.host.answer = { operation, _, items, reply in
            switch (operation, items.first) {
            case (.linkOf, _): reply.writeLink("o#")
            case (.child, .string("list")): reply.write(LuaNode(2, .list))
            case (.child, .string("o")): reply.write(LuaNode(3, .object))
            case (.child, .string("many")): reply.write(LuaNode(4, .many))
            case (.child, .string("scalar")): reply.write(LuaNode(5, .scalar))
            default: break
            }
            return .ok
        }
        return bench
    }

    static func strings(_ items: [LuaItem]) -> [String] {
        items.compactMap { item in if case .string(let text) = item { text } else { nil } }
    }

    @Test func `holds what is listed and nothing else, through metatables too`() throws {
        let found = Self.strings(try Self.bench("return probe_environment()").run())
        // Behind each read-only table: its content, the two functions that guard it, the marks that say so, and in the
        // metatable of its content the way back.
        func frozen(_ path: String) -> [String] {
            let content = path + "!.__index"
            return [
                "\(path):table", "\(path)!:table", "\(content):table", "\(path)!.__newindex:function",
                "\(path)!.__len:function", "\(path)!.<userdata>:table", "\(content)!:table",
                "\(content)!.<userdata>:table",
            ]
        }
        var expected = Set(frozen("_ENV"))
        let globals = SandboxSurface.functions + ["probe_environment", "probe_metatable"]
        for name in globals { expected.insert("_ENV!.__index.\(name):function") }
        for (library, fields) in SandboxSurface.libraries {
            expected.formUnion(frozen("_ENV!.__index.\(library)"))
            for field in fields {
                expected.insert("_ENV!.__index.\(library)!.__index.\(field):\(Self.type(of: library, field))")
            }
        }
        #expect(Set(found.map(Self.normal)).subtracting(expected) == [])
        #expect(expected.subtracting(found.map(Self.normal)) == [])
    }

    /// Which way the walk came to a shadow first depends on Lua's hashes: through `__index` or through the mark.
    private static func normal(_ path: String) -> String {
        var parts = path.split(separator: "<userdata>", omittingEmptySubsequences: false).map(String.init)
        let last = parts.removeLast()
        let way = parts.map { $0 + "__index" }.joined()
        return last.hasPrefix(":") ? way.dropLast("__index".count) + "<userdata>" + last : way + last
    }

    private static func type(of library: String, _ field: String) -> String {
        switch field {
        case "huge", "pi", "maxinteger", "mininteger": "number"
        case "charpattern": "string"
        case "null": "userdata"
        default: "function"
        }
    }

    @Test(arguments: [
        ("nil", "nil"), ("print", "function"), ("function() end", "function"), ("coroutine.create(print)", "thread"),
        ("true", "boolean"), ("1", "number"), ("1.5", "number"), ("''", "string"), ("hearth.null", "null"),
        ("hearth.link_of(cells.o)", "link"), ("select(2, pcall(ctx.fail, 'x'))", "failure"), ("hearth.list {}", "list"),
        ("cells", "cell"), ("ctx", "cell"), ("cells.o", "cell"), ("cells.list", "cell"), ("cells.many", "cell"),
        ("cells.scalar", "cell"),
    ])
    func `has metatables of the listed fields, out of reach`(expression: String, kind: String) throws {
        let names = Self.strings(try Self.bench("return probe_metatable(\(expression))").run())
        #expect(names == SandboxSurface.metamethods[kind])
        let seen = try Self.bench("return tostring(getmetatable(\(expression)))").run()
        #expect(seen == [.string("nil")] || seen == [.string("false")])
    }

    @Test func `gives each kind of cell the listed methods and no other`() throws {
        let kinds: [(String, HostFunction.Receiver, Bool)] = [
            ("list", .list, true), ("o", .value, true), ("scalar", .scalar, true), ("many", .many, false),
        ]
        for (cell, receiver, isValue) in kinds {
            for function in HostSurface.functions {
                let expected =
                    function.receivers.contains(receiver) || isValue && function.receivers.contains(.value)
                let found = try Self.bench("return type(cells.\(cell).\(function.name))").run()
                #expect((found == [.string("function")]) == expected, "\(cell).\(function.name)")
            }
        }
        for function in HostSurface.functions {
            let found = try Self.bench("return type(ctx.\(function.name))").run()
            #expect((found == [.string("function")]) == function.receivers.contains(.context), "ctx.\(function.name)")
        }
    }
}
