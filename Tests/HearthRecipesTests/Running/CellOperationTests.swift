import HearthCells
import HearthRecipes
import HearthValues
import Testing

@Suite struct `Cells in a handler` {
    @Test func `scalars are plain values with the methods of their cell`() throws {
        let room = try Room(
            cells:
                "n = t.integer(), title = t.string { default = \"a\" }, done = t.boolean(), o = t.object { score = t.number() }",
            handlers: """
                go = function(cells)
                  cells.n:increment(1)
                  cells.n:increment(2)
                  assert(cells.n == 3 and cells.n + 1 == 4 and cells.n:get() == 3)
                  cells.n = cells.n * 2
                  assert(not cells.done)
                  cells.done:set(true)
                  assert(cells.done and cells.title == "a" and cells.title:get() == "a" and cells.title:upper() == "A")
                  cells.title:set("b")
                  cells.o.score:increment(0.5)
                  return { cells.n, cells.title, cells.done, cells.o.score }
                end,
                stale = function(cells)
                  local n = cells.n
                  n:increment(1)
                end
                """)
        #expect(try room.send("go") == .list([6, "b", true, 0.5]))
        #expect(room["n"] == "6")
        #expect(room["o"] == #"{"score":0.5}"#)
        #expect(
            room.failure("stale")?.message.contains("needs the cell itself, as in cells.NAME:increment(...)") == true)
    }

    @Test func `objects of many fields are filled in and checked like those of few`() throws {
        let fields = (0..<40).map { "f\($0) = t.integer { default = \($0) }" }.joined(separator: ", ")
        let room = try Room(
            cells: "wide = t.list(t.object { \(fields), must = t.string(), may = t.optional(t.integer()) })",
            handlers: """
                go = function(cells)
                  cells.wide:push { must = "x", f39 = -1 }
                  cells.wide:push { must = "y", may = 5 }
                end,
                without = function(cells) cells.wide:push { f0 = 1 } end,
                unknown = function(cells) cells.wide:push { must = "x", f40 = 1 } end,
                wrong = function(cells) cells.wide:push { must = "x", f7 = "x" } end,
                """)
        try room.send("go")
        let wide = try #require(room.cells.cells["wide"]?.list)
        #expect(wide[0].object?.count == 41 && wide[1].object?.count == 42)
        #expect(wide[0].object?["f39"] == -1 && wide[1].object?["f39"] == 39 && wide[1].object?["may"] == 5)
        #expect(room.failure("without")?.message.contains("wide/2/must: missing, a string is required") == true)
        #expect(room.failure("unknown")?.message.contains("wide/2/f40: unknown field") == true)
        #expect(room.failure("wrong")?.message.contains("wide/2/f7: a string, expected an integer") == true)
    }

    /// Before, only a type that was called took modifiers.
    @Test(arguments: ["t.any", "t.any()", "t.string", "t.any {}"])
    func `a type without a call takes modifiers`(type: String) throws {
        let room = try Room(
            cells: "x = \(type) :per \"session\" :merge \"last-write\", y = \(type), z = t.list(\(type))",
            handlers:
                "go = function(cells) cells.x = \"mine\" cells.y = \"ours\" cells.z:push(\"one\") return cells.x end")
        #expect(room.runtime.recipe.cells["x"]?.scope == .session)
        #expect(room.runtime.recipe.cells["y"]?.scope == .room)
        #expect(try room.send("go", by: try room.join("s1")) == "mine")
        let error = #expect(throws: RecipeError.self) { try Room(cells: "x = t.any :per \"planet\"", handlers: "") }
        #expect(error?.problems.first?.line != nil)
    }

    @Test func `objects read, assign, update and delete`() throws {
        let room = try Room(
            cells: "o = t.object { a = t.integer(), b = t.optional(t.string()), c = t.map(t.integer()) }",
            handlers: """
                go = function(cells)
                  local o = cells.o
                  o.a = 1
                  o.b = "x"
                  o.c.k = 5
                  o:update { a = 2, c = { m = 7 } }
                  assert(o.a == 2 and o.b == "x" and o.c.k == nil and o.c.m == 7)
                  o.b = nil
                  assert(o.b == nil and o:exists() and not o.c:key("zz"):exists() and o.c:key("m"):exists())
                  o.c:key("get"):set(9)
                  local keys = {}
                  for key, value in pairs(o.c) do keys[#keys + 1] = key .. "=" .. value end
                  return { keys = keys, copy = o:snapshot(), same = o == cells.o }
                end,
                bare = function(cells) cells.o.a = nil end,
                unknown = function(cells) cells.o.aa = 1 end,
                wrong = function(cells) cells.o.a = "x" end,
                update = function(cells) cells.o:update { a = 1.5 } end,
                """)
        let result = try room.send("go")
        #expect(
            result
                == .object([
                    "keys": ["get=9", "m=7"], "same": true,
                    "copy": .object(["a": 2, "c": .object(["get": 9, "m": 7])]),
                ]))
        #expect(room.failure("bare")?.message.hasSuffix("o/a: nil, an integer is required") == true)
        #expect(room.failure("unknown")?.message.hasSuffix("o/aa: unknown field, did you mean a?") == true)
        #expect(room.failure("wrong")?.message.hasSuffix("o/a: a string, expected an integer") == true)
        #expect(room.failure("update")?.message.contains("o/a: 1.5 is a float, expected an integer") == true)
    }

    @Test func `lists push, insert, remove, find and walk`() throws {
        let room = try Room(
            cells: "l = t.list(t.integer { min = 0 }, { max = 5 })",
            handlers: """
                go = function(cells)
                  local l = cells.l
                  l:push(1, 2, 3)
                  l:insert(1, 0)
                  l[5] = 9
                  assert(#l == 5 and l[1] == 0 and l[5] == 9 and l[6] == nil)
                  l[5] = 8
                  assert(l:remove(2) == 1 and l:remove(4) == 8)
                  local value, index = l:find(function(n) return n == 3 end)
                  assert(value == 3 and index == 3)
                  assert(l:remove_where(function(n) return n == 2 end) == 1)
                  local sum = 0
                  for _, n in ipairs(l) do sum = sum + n end
                  local last = l:last(1)
                  return { sum, #last, last[1] }
                end,
                full = function(cells) cells.l:push(1, 2, 3, 4, 5, 6) end,
                negative = function(cells) cells.l:push(1, -1) end,
                hole = function(cells) cells.l[9] = 1 end,
                named = function(cells) return cells.l.name end,
                """)
        #expect(try room.send("go") == .list([3, 1, 3]))
        #expect(room["l"] == "[0,3]")
        #expect(room.failure("full")?.message.hasSuffix("l: 8 elements, at most 5") == true)
        #expect(room.failure("negative")?.message.hasSuffix("l/3: -1, at least 0") == true)
        #expect(room.failure("hole")?.message.hasSuffix("l: there is no element there to replace; it has 2") == true)
        #expect(room.failure("named")?.message.hasSuffix("l is a list: it has no field name") == true)
        #expect(room["l"] == "[0,3]")
    }

    @Test func `a proxy of an element keeps naming its element`() throws {
        let room = try Room(
            cells: "l = t.list(t.object { n = t.integer() })",
            handlers: """
                go = function(cells)
                  local l = cells.l
                  l:push({ n = 1 }, { n = 2 }, { n = 3 })
                  local second = l[2]
                  l:remove(1)
                  assert(second.n == 2)
                  l:insert(1, { n = 0 })
                  assert(second.n == 2)
                  second.n = 20
                  l:remove_where(function(e) return e.n == 20 end)
                  return second.n
                end,
                """)
        #expect(room.failure("go")?.message.contains("this element of l was removed by this handler") == true)
    }

    @Test func `empty tables take the declared type, null and nil stay apart`() throws {
        let room = try Room(
            cells: "l = t.list(t.any), m = t.map(t.any), a = t.any, o = t.optional(t.list(t.integer()))",
            handlers: """
                go = function(cells)
                  cells.l = {} cells.m = {} cells.a = {} cells.o = {}
                  cells.m.x = hearth.null
                  cells.m.y = hearth.list {}
                  cells.m.i, cells.m.f = 1, 1.0
                end,
                clear = function(cells) cells.o = nil assert(cells.o == nil) cells.m.x = nil end,
                """)
        try room.send("go")
        #expect(room["l"] == "[]")
        #expect(room["a"] == "{}")
        #expect(room["m"] == #"{"f":1.0,"i":1,"x":null,"y":[]}"#)
        #expect(room["o"] == "[]")
        try room.send("clear")
        #expect(room["o"] == "null")
        #expect(room["m"] == #"{"f":1.0,"i":1,"y":[]}"#)
    }

    @Test(arguments: [
        ("cells.a = 0/0", "NaN"), ("cells.a = { x = { 1/0 } }", "infinite"), ("cells.a = print", "function"),
        ("local c = {} c.c = c cells.a = c", "cyclic"), ("cells.a = \"\\xff\"", "UTF-8"),
        ("cells.a = { 1, x = 2 }", "mixes"),
        ("cells.b = 1", "no cell is called b, did you mean a?"), ("cells.a = ctx", "ctx"),
        ("cells.a = cells", "cells is not a cell"),
        ("cells.s = 5", "s: an integer, expected a string"), ("cells.m[1] = 1", "names, not numbers"),
        ("ctx.after(-1, \"go\")", "from 0"),
        ("ctx.after(1, \"gone\")", "no handler is called gone"), ("ctx.signal(5)", "signal"),
        ("ctx.signal(\"x\", 1, { too = 1 })", "no option too"),
        ("ctx.sleep(-1)", "ctx.sleep takes milliseconds, from 0 to 600000"), ("cells.s:nope()", "nope"),
        ("cells.m:push(1)", "push"),
        ("cells[1] = 2", "names of cells"),
    ])
    func `what cannot be stored is refused and leaves nothing`(line: String, complaint: String) throws {
        let room = try Room(
            cells: "a = t.any, s = t.string(), m = t.map(t.any)",
            handlers: "go = function(cells, data, ctx) cells.s = 'half' \(line) end")
        let before = room.cells
        let failure = room.failure("go")
        #expect(failure?.code == "handler_failed")
        #expect(failure?.message.contains(complaint) == true, "\(failure?.message ?? "no failure")")
        #expect(room.cells == before)
    }
}
