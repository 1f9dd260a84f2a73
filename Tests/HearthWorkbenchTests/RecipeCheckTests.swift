import Foundation
import HearthRecipes
import HearthValues
import HearthWorkbench
import Testing

@Suite("hearth check finds what is wrong with a recipe")
struct RecipeCheckTests {
    /// One mistake each: a line of a handler, the code, and a part of what is said.
    static let lines: [(lua: String, code: Finding.Code, says: String)] = [
        ("prnt('x')", .unknownGlobal, "did you mean print?"),
        ("io.write('x')", .unknownGlobal, "no files"),
        ("local s = string.foramt('x')", .unknownGlobal, "did you mean string.format?"),
        ("log('x')", .unknownGlobal, "did you mean ctx.log?"),
        ("total = 1", .globalWrite, "write local total"),
        ("count = count + 1", .moduleState, "count is kept in a variable"),
        ("seen.x = true", .moduleState, "seen is a table of the module"),
        ("seen[#seen + 1] = data.text", .moduleState, "seen is a table of the module"),
        ("table.insert(seen, 1)", .moduleState, "seen is a table of the module"),
        ("function seen.f() end", .moduleState, "seen is a table of the module"),
        ("cells.mesages:push { author = cells.user, text = 'x' }", .unknownCell, "did you mean cells.messages?"),
        ("cells.titel = 'x'", .unknownCell, "did you mean cells.title?"),
        ("cells.user.nmae = 'x'", .unknownField, "did you mean name?"),
        ("local x = cells.messages[1].author.nmae", .unknownField, "did you mean name?"),
        ("local x = cells.messages.last_one", .unknownField, "is a list"),
        ("for _, m in ipairs(cells.messages) do print(m.txt) end", .unknownField, "did you mean text?"),
        ("cells.messages:find(function(m) return m.txt == 'x' end)", .unknownField, "did you mean text?"),
        ("local m = cells.messages:key(1) print(m.txt)", .unknownField, "did you mean text?"),
        ("print(data.txt)", .unknownField, "did you mean text?"),
        ("cells.messages:push { autor = cells.user, text = 'x' }", .unknownField, "did you mean author?"),
        ("cells.messages:push { author = cells.user }", .missingField, "lacks text"),
        ("cells.messages:pusch { author = cells.user, text = 'x' }", .unknownMethod, "did you mean :push?"),
        ("cells.title:increment(1)", .unknownMethod, "is a string"),
        ("cells.card:push {}", .unknownMethod, "a family of cells"),
        ("cells.card = {}", .wrongType, "a family of cells"),
        ("cells.count = 'many'", .wrongType, "is an integer"),
        ("cells.mood = 'gald'", .wrongType, "did you mean glad?"),
        ("cells.many = 3", .derivedWrite, "a derived cell cannot be written"),
        ("cells.recent:push(1)", .derivedWrite, "a derived cell cannot be written"),
        ("ctx.brodcast {}", .unknownContext, "did you mean ctx.broadcast?"),
        ("print(ctx.who.nmae)", .unknownContext, "did you mean name?"),
        ("ctx:fail('x')", .unknownMethod, "ctx.fail(…)"),
        ("ctx.fail()", .missingArgument, "lacks its argument code"),
        ("cells.messages:insert(1)", .missingArgument, "lacks its argument value"),
        ("ctx.after(1000, 'sned')", .unknownHandler, "did you mean send?"),
        ("helper(cells, ctx)", .unknownField, "did you mean name?"),
        ("local s = ('x'):match('[a')", .pattern, "malformed"),
        ("local s = data.text:match('%s*.*%s*x')", .slowPattern, "3 repetitions"),
        ("cells.by_key[ctx.now] = 'x'", .timeAsID, "use ctx.id()"),
        ("cells.by_key:key(tostring(ctx.now)):set('x')", .timeAsID, "use ctx.id()"),
        ("local m = { id = os.time() } print(m)", .timeAsID, "use ctx.id()"),
        ("cells.count = cells.count + 1", .readThenSet, "cells.count:increment(…)"),
        ("table.insert(cells.messages, 1)", .wrongType, "cells have methods"),
        ("cells.messages.push { author = cells.user, text = 'x' }", .unknownMethod, "cells.messages:push(…)"),
        ("cells.count.increment()", .unknownMethod, "cells.count:increment(…)"),
        ("cells:set('count', 1)", .unknownMethod, "cells has no methods"),
        ("ctx.after('send', 1000)", .wrongType, "milliseconds first"),
        ("cells.count += 1", .syntax, "cells.n:increment(1)"),
        ("cells.count++", .syntax, "cells.n:increment(1)"),
        ("if cells.count != 1 then end", .syntax, "unequal is ~="),
        ("if cells.count = 1 then end", .syntax, "equal is =="),
        ("if cells.count == 1 && data.text then end", .syntax, "Lua writes and"),
        ("if !data.text then end", .syntax, "Lua writes not"),
    ]

    private func recipe(_ line: String, cells: String = "", extra: String = "") -> RecipeSource {
        RecipeSource(
            name: "x",
            text: """
                local t = require "hearth.types"
                local count = 0
                local seen = {}
                local function helper(all, context) \(line.hasPrefix("helper") ? "return all.user.nmae, context" : "return all, context") end
                return recipe {
                  name = "x", version = 1,
                  cells = {
                    messages = t.list(t.object { author = t.link "user", text = t.string { min = 1 } }),
                    user = t.object { name = t.string { default = "Guest" } } :per "session",
                    title = t.string { default = "" }, count = t.integer { default = 0 },
                    mood = t.enum { "glad", "sad" }, card = t.object { text = t.string() } :many(),
                    by_key = t.map(t.string()), \(cells)
                  },
                  derived = { many = t.count "messages", recent = t.last("messages", 5) },
                  handlers = {
                    send = { data = t.object { text = t.string() }, run = function(cells, data, ctx)
                \(line)
                      return seen, count, helper, data
                    end },
                    touch = function(cells)
                      cells.title, cells.mood, cells.count, cells.by_key = cells.title, "glad", 1, {}
                      cells.card:new { text = "x" }
                      cells.messages:remove(1)
                    end,
                  },
                  \(extra)
                }
                """)
    }

    @Test(arguments: lines)
    func `a line of a handler`(lua: String, code: Finding.Code, says: String) throws {
        let findings = RecipeCheck.findings(in: recipe(lua))
        let found = findings.filter { $0.code == code }
        #expect(
            found.contains { ($0.message + " " + ($0.suggestion ?? "")).contains(says) },
            "\(lua): \(findings.map { "\($0.code.rawValue): \($0.message) → \($0.suggestion ?? "")" })")
        for finding in found where !lua.hasPrefix("helper") && code != .unusedCell {
            #expect(finding.line == 17, "\(finding)")
            #expect(finding.source == lua)
        }
    }

    @Test func `a sound recipe has nothing to report`() {
        let findings = RecipeCheck.findings(in: recipe("cells.count:increment() ctx.log(cells.user.name:upper())"))
        #expect(findings.isEmpty, "\(findings.map(\.message))")
    }

    @Test func `what the loader refuses is among it, and the rest too`() {
        let findings = RecipeCheck.findings(in: recipe("cells.titel = 1", cells: "bad = t.strnig and t.link 'usr'"))
        #expect(findings.contains { $0.code == .declaration }, "\(findings)")
        let linked = RecipeCheck.findings(in: recipe("cells.titel = 1", cells: "bad = t.link 'usr'"))
        #expect(linked.contains { $0.code == .declaration && $0.message.contains("did you mean user?") })
        #expect(linked.contains { $0.code == .unknownCell })
    }

    @Test func `every file that is not Lua is told`() {
        let source = RecipeSource(
            name: "x",
            files: [
                SourceFile(path: "recipe.lua", text: "return recipe { name = }"),
                SourceFile(path: "rules.lua", text: "local x =\n\nreturn )"),
            ])
        let findings = RecipeCheck.findings(in: source)
        #expect(findings.map(\.code) == [.syntax, .syntax])
        #expect(findings.map(\.file) == ["recipe.lua", "rules.lua"])
        #expect(findings.map(\.line) == [1, 3])
    }

    static let parts: [(cells: String, extra: String, code: Finding.Code, says: String)] = [
        ("unused = t.string(),", "", .unusedCell, "unused"),
        ("peak = t.string() :merge \"max\",", "", .mergePolicy, "holds none"),
        ("peak = t.integer() :merge(function(base, mine, theirs) end),", "", .mergePolicy, "returns nothing"),
        ("here = t.boolean() :per 'session' :ephemeral() :merge 'last-write',", "", .mergePolicy, "no effect"),
        ("", "on = { join = function(cells, _, ctx) ctx.sleep(5) end },", .wait, "`on`"),
        ("", "on = { leave = function(cells, _, ctx) cells.user.nmae = 'x' end },", .unknownField, "name"),
        ("", "watch = { title = function(cells, change, ctx) ctx.faill('x') end },", .unknownContext, "fail"),
        ("", "messages = { hi = function(cells, m, ctx) cells.titel = m.text end },", .unknownCell, "title"),
        ("", "version = 2, limits = { writes_maxx = 1 },", .declaration, "writes_max"),
    ]

    @Test(arguments: parts)
    func `a part of the declaration`(cells: String, extra: String, code: Finding.Code, says: String) {
        let findings = RecipeCheck.findings(in: recipe("local _ = 1", cells: cells, extra: extra))
        #expect(
            findings.contains { $0.code == code && ($0.message + ($0.suggestion ?? "")).contains(says) },
            "\(findings.map { "\($0.code.rawValue): \($0.message)" })")
    }

    private func check(_ text: String, _ modules: [String: String] = [:]) -> [Finding] {
        let files = [SourceFile(path: "recipe.lua", text: text)] + modules.map { SourceFile(path: $0, text: $1) }
        return RecipeCheck.findings(in: RecipeSource(name: "x", files: files))
    }

    @Test func `derived functions that read each other`() {
        let findings = check(
            """
            return recipe { name = "x", version = 1, cells = {}, derived = {
              a = function(cells) return cells.b end,
              b = function(cells) return cells.c end,
              c = function(cells) return cells.a end,
              d = function(cells) return cells.a end,
            }, handlers = {} }
            """)
        #expect(findings.map(\.code) == [.derivedCycle])
        #expect(findings.first?.message.contains("a reads b reads c reads a") == true)
    }

    @Test func `into the functions of modules`() {
        let findings = check(
            """
            local t = require "hearth.types"
            local rules = require "rules"
            return recipe { name = "x", version = 1, cells = { total = t.integer { default = 0 } },
              handlers = { add = function(cells, _, ctx) rules.add(cells, ctx) rules.more(cells.total) end } }
            """,
            [
                "rules.lua": """
                local M = {}
                local last
                function M.add(all, c)
                  all.totl = 1
                  last = c.now
                end
                M.more = function() M.calls = 1 return last end
                return M
                """
            ])
        #expect(findings.map(\.file) == ["rules.lua", "rules.lua", "rules.lua"], "\(findings.map(\.message))")
        #expect(findings.map(\.code) == [.unknownCell, .moduleState, .moduleState])
    }

    @Test func `a handler that reads what it is sent without a schema`() {
        let findings = check(
            """
            local t = require "hearth.types"
            return recipe { name = "x", version = 1, cells = { title = t.string() },
              handlers = { rename = function(cells, data) cells.title = data.title end, reset = function(cells) cells.title = "" end } }
            """)
        #expect(findings.map(\.code) == [.noSchema])
        #expect(findings.first?.suggestion?.contains("t.object { title = t.… }") == true)
    }

    @Test func `state in an upvalue of a closure that was made while loading`() {
        let findings = check(
            """
            local function counter()
              local n = 0
              return function() n = n + 1 return n end
            end
            return recipe { name = "x", version = 1, cells = {}, handlers = { next = counter() } }
            """)
        #expect(findings.map(\.code) == [.moduleState])
    }

    @Test func `variables of the handler itself are its own`() {
        let findings = check(
            """
            local t = require "hearth.types"
            return recipe { name = "x", version = 1, cells = { names = t.list(t.string()) },
              handlers = { list = function(cells)
                local n, seen = 0, {}
                for _, name in ipairs(cells.names) do
                  local function note() n = n + 1 seen[name] = true end
                  note()
                end
                return n
              end } }
            """)
        #expect(findings.isEmpty, "\(findings.map(\.message))")
    }

    static let folders = ["Recipes", "Examples/poll/recipes"]

    @Test(arguments: ["chat", "conflict-resolution", "counter"])
    func `the shipped recipes are sound`(name: String) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Recipes/\(name)/recipe.lua")
        let source = RecipeSource(name: name, text: try String(contentsOf: path, encoding: .utf8))
        #expect(RecipeCheck.findings(in: source) == [])
    }

    @Test func `hostile sources end soon`() {
        let deep = "return " + String(repeating: "(", count: 5_000)
        #expect(check(deep).map(\.code) == [.syntax])
        let many = (0..<3_000).map { "local function f\($0)(cells) return cells, f\($0) end" }.joined(separator: "\n")
        #expect(!check("do \(many) end").isEmpty)
        let calls = String(repeating: "f(cells, ctx) ", count: 5_000)
        _ = check(
            "local function f(cells, ctx) return cells.a end return recipe { name = 'x', version = 1, cells = {}, handlers = { go = function(cells, data, ctx) \(calls) end } }"
        )
    }
}

@Suite("Whether the cells changed and the version did not")
struct VersionCheckTests {
    private func recipe(_ cell: String, version: Int = 1) throws -> Recipe {
        try RecipeRuntime(
            RecipeSource(
                name: "x",
                text: """
                    local t = require "hearth.types"
                    return recipe { name = "x", version = \(version), cells = { a = \(cell), e = t.any() :per "session" :ephemeral() }, handlers = {} }
                    """)
        ).recipe
    }

    @Test func `is seen by the lock`() throws {
        let lock = SchemaLock.text(of: try recipe("t.string()", version: 2))
        #expect(SchemaLock.findings(of: try recipe("t.string()", version: 2), lock: lock) == [])
        #expect(SchemaLock.findings(of: try recipe("t.integer()", version: 3), lock: lock) == [])
        let changed = SchemaLock.findings(of: try recipe("t.integer()", version: 2), lock: lock)
        #expect(changed.first?.message.contains("changed since version 2 was let out: a") == true)
        #expect(SchemaLock.findings(of: try recipe("t.string()", version: 1), lock: lock).count == 1)
        #expect(SchemaLock.findings(of: try recipe("t.string()"), lock: "{").count == 1)
    }

    @Test func `is seen by what is stored`() throws {
        let text = try recipe("t.string()")
        #expect(StoredFit.findings(of: text, room: "r", cells: ["a": "x"], version: 1) == [])
        #expect(StoredFit.findings(of: text, room: "r", cells: ["a": 1], version: 1).count == 1)
        #expect(StoredFit.findings(of: text, room: "r", cells: ["b": "x"], version: 1).count == 1)
        #expect(StoredFit.findings(of: text, room: "r", cells: ["a": "x"], version: 2).count == 1)
        #expect(
            StoredFit.findings(of: try recipe("t.string()", version: 2), room: "r", cells: ["a": 1], version: 1) == [])
    }
}
