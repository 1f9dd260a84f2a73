import HearthRecipes
import HearthValues
import Testing

@Suite struct `Links between cells` {
    static let cells = """
        people = t.list(t.object { name = t.string() }), best = t.optional(t.link()), list = t.list(t.link()),
        user = t.object { name = t.string { default = "Guest" } } :per "session", card = t.object { n = t.integer() } :many(),
        any = t.any, copy = t.optional(t.object { name = t.string() })
        """

    @Test func `come from storing a cell, what get gave, or an element`() throws {
        let room = try Room(
            cells: Self.cells,
            handlers: """
                go = function(cells)
                  cells.people:push({ name = "A" }, { name = "B" })
                  cells.list:push(cells.user, cells.user:get(), cells.people[2], hearth.link_of(cells.people[1]))
                  cells.best = cells.people[1]
                  cells.any = { deep = { cells.user } }
                  assert(cells.list[3].name == "B" and cells.best.name == "A" and cells.any.deep[1].name == "Guest")
                  assert(cells.best == cells.people[1] and cells.list[1] == cells.user)
                  cells.list[1].name = "Ann"
                  assert(cells.user.name == "Ann")
                end,
                """)
        try room.send("go", by: try room.join("s1"))
        #expect(room["list"] == #"[{"$ref":"user@s1#"},{"$ref":"user@s1#"},{"$ref":"people#/1"},{"$ref":"people#/0"}]"#)
        #expect(room["any"] == #"{"deep":[{"$ref":"user@s1#"}]}"#)
        #expect(room["user@s1"] == #"{"name":"Ann"}"#)
    }

    @Test func `follow their element, and read as nil when it is gone`() throws {
        let room = try Room(
            cells: Self.cells,
            handlers: """
                fill = function(cells)
                  cells.people:push({ name = "A" }, { name = "B" })
                  cells.best = cells.people[2]
                end,
                drop = function(cells, data) cells.people:remove(data) end,
                best = function(cells) return cells.best and cells.best.name or "none" end,
                """)
        try room.send("fill")
        try room.send("drop", 1)
        #expect(room["best"] == #"{"$ref":"people#/0"}"#)
        #expect(try room.send("best") == "B")
        try room.send("drop", 1)
        #expect(try room.send("best") == "none")
    }

    @Test func `write to the target under the target's type`() throws {
        let room = try Room(
            cells: Self.cells, handlers: "go = function(cells) cells.best = cells.user cells.best.name = 5 end")
        let failure = room.failure("go", by: try room.join("s1"))
        #expect(failure?.message.hasSuffix("user@s1/name: an integer, expected a string") == true)
    }

    @Test func `a snapshot stores a copy, and what is no link place says so`() throws {
        let room = try Room(
            cells: Self.cells,
            handlers: """
                copy = function(cells) cells.copy = cells.user:snapshot() end,
                link = function(cells) cells.copy = cells.user end,
                """)
        let ann = try room.join("s1")
        try room.send("copy", by: ann)
        #expect(room["copy"] == #"{"name":"Guest"}"#)
        #expect(room.failure("link", by: ann)?.message.contains("copy: a link to user@s1#, expected an object") == true)
    }

    @Test func `cells made on demand get keys of the event`() throws {
        let room = try Room(
            cells: Self.cells,
            handlers: """
                make = function(cells, data, ctx)
                  local card = cells.card:new { n = 7 }
                  cells.list:push(card)
                  return { cells.list[1].n, ctx.id(), ctx.random(1000000) }
                end,
                """)
        let first = try room.send("make", seed: 5)
        let made = room["list"]
        let other = try Room(room.runtime)
        #expect(try other.send("make", seed: 5) == first)
        #expect(other["list"] == made)
        #expect(try Room(room.runtime).send("make", seed: 6) != first)
    }

    @Test func `rings of links are legal and lead nowhere`() throws {
        let room = try Room(
            cells: "a = t.optional(t.link()), b = t.optional(t.link())",
            handlers: "go = function(cells, data) cells.a = data.b cells.b = data.a return cells.a == nil end")
        #expect(try room.send("go", .object(["a": link("a#"), "b": link("b#")])) == true)
        #expect(room["a"] == #"{"$ref":"b#"}"#)
        #expect(room["b"] == #"{"$ref":"a#"}"#)
    }

    @Test func `the winner of a cached root is looked up again after an assignment`() throws {
        let room = try Room(
            cells: "list = t.list(t.object { n = t.integer() }), best = t.optional(t.link())",
            handlers: """
                go = function(cells)
                  cells.list:push({ n = 1 }, { n = 2 })
                  cells.best = cells.list[1]
                  local first = cells.best.n
                  cells.best = cells.list[2]
                  local second = cells.best.n
                  cells.best = nil
                  return { first, second, cells.best == nil }
                end
                """)
        #expect(try room.send("go") == .list([1, 2, true]))
    }
}
