import HearthRecipes
import HearthValues
import Testing

@Suite struct `Derived cells of a recipe` {
    static let cells = """
        items = t.list(t.object { n = t.integer(), tag = t.string(), who = t.optional(t.link "user") }),
        factor = t.integer { default = 10 }, user = t.object { name = t.string { default = "Guest" } } :per "session"
        """
    static let add = """
        add = function(cells, data) cells.items:push { n = data.n, tag = data.tag } end,
        drop = function(cells, data) cells.items:remove(data) end,
        """

    static func room(_ derived: String, handlers: String = "") throws -> Room {
        let room = try Room(cells: cells, derived: derived, handlers: add + handlers)
        for (n, tag) in [(3, "b"), (1, "a"), (2, "b")] {
            try room.send("add", .object(["n": .int(Int64(n)), "tag": .string(tag)]))
        }
        return room
    }

    @Test(arguments: [
        ("function(cells) return #cells.items * cells.factor end", "30", "20"),
        (#"t.last("items", 2)"#, #"[{"n":1,"tag":"a"},{"n":2,"tag":"b"}]"#, #"[{"n":1,"tag":"a"},{"n":2,"tag":"b"}]"#),
        (#"t.count("items")"#, "3", "2"),
        (#"t.count("items", function(e) return e.n > 1 end)"#, "2", "1"),
        (#"t.count("items", { tag = "b" })"#, "2", "1"),
        (#"t.where("items", { tag = "b" })"#, #"[{"n":3,"tag":"b"},{"n":2,"tag":"b"}]"#, #"[{"n":2,"tag":"b"}]"#),
        (#"t.map_of("items", "tag", "n")"#, #"{"a":1,"b":2}"#, #"{"a":1,"b":2}"#),
        (
            #"t.map_of("items", function(e) return e.tag .. e.n end, function(e) return e.n * 2 end)"#,
            #"{"a1":2,"b2":4,"b3":6}"#, #"{"a1":2,"b2":4}"#
        ),
        (#"t.sum("items", "n")"#, "6", "3"),
        (#"t.sum("items", function(e) return e.n / 2 end)"#, "3.0", "1.5"),
        (
            #"t.group_by("items", "tag")"#, #"{"a":[{"n":1,"tag":"a"}],"b":[{"n":3,"tag":"b"},{"n":2,"tag":"b"}]}"#,
            #"{"a":[{"n":1,"tag":"a"}],"b":[{"n":2,"tag":"b"}]}"#
        ),
        (
            #"t.sort_by("items", "n")"#, #"[{"n":1,"tag":"a"},{"n":2,"tag":"b"},{"n":3,"tag":"b"}]"#,
            #"[{"n":1,"tag":"a"},{"n":2,"tag":"b"}]"#
        ),
        (
            #"t.sort_by("items", "tag", "desc")"#, #"[{"n":3,"tag":"b"},{"n":2,"tag":"b"},{"n":1,"tag":"a"}]"#,
            #"[{"n":2,"tag":"b"},{"n":1,"tag":"a"}]"#
        ),
    ])
    func `follow their list`(rule: String, filled: String, dropped: String) throws {
        let room = try Self.room("d = \(rule)")
        #expect(room["d"] == filled)
        try room.send("drop", 1)
        #expect(room["d"] == dropped)
    }

    /// Before, it loaded, and counted nothing.
    @Test(arguments: ["t.count(\"m\")", "t.sum(\"m\", \"n\")", "t.last(\"m\", 3)", "t.where(\"m\", { n = 1 })"])
    func `follow no map, and say what can`(rule: String) {
        let error = #expect(throws: RecipeError.self) {
            try Room(cells: "m = t.map(t.object { n = t.integer() })", derived: "d = \(rule)", handlers: "")
        }
        #expect(error?.message.contains("m is a map, and this follows lists") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("pairs(cells.m)") == true)
    }

    @Test func `show a handler its own writes, and follow each other`() throws {
        let room = try Self.room(
            """
            double = function(cells) return cells.total * 2 end,
            total = t.sum("items", "n"),
            """,
            handlers: """
                look = function(cells)
                  local before = cells.double
                  cells.items:push { n = 10, tag = "c" }
                  return { before, cells.total, cells.double }
                end,
                fail = function(cells) cells.items:push { n = 10, tag = "c" } assert(cells.total == 26) error("no") end
                """)
        #expect(try room.send("look") == .list([12, 16, 32]))
        #expect(room.failure("fail") != nil)
        #expect(room["double"] == "32")
    }

    @Test func `read through links`() throws {
        let room = try Self.room(
            "names = function(cells) local all = {} for _, e in ipairs(cells.items) do all[#all + 1] = e.who and e.who.name end return hearth.list(all) end",
            handlers: """
                mine = function(cells) cells.items:push { n = 0, tag = "", who = cells.user } end,
                rename = function(cells, data) cells.user.name = data end
                """)
        let ann = try room.join("s1")
        try room.send("mine", by: ann)
        #expect(room["names"] == #"["Guest"]"#)
        try room.send("rename", "Ann", by: ann)
        #expect(room["names"] == #"["Ann"]"#)
    }

    @Test(arguments: [
        ("function(cells) cells.factor = 1 end", "derived function is pure"),
        ("function(cells) return cells.user.name end", "user is per session"),
        ("function(cells) return cells.nothing end", "no cell is called nothing"),
        ("function(cells) error('broken') end", ": broken"),
    ])
    func `that fail say which and where`(rule: String, complaint: String) throws {
        let error = #expect(throws: (any Error).self) { try Self.room("d = \(rule)") }
        #expect("\(error.map { "\($0)" } ?? "")".contains(complaint))
    }
}
