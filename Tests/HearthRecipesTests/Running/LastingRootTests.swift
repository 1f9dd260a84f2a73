import HearthRecipes
import HearthTransactions
import HearthValues
import Testing

/// Lists, maps and objects that always hold something: Lua asks for them once per VM.
@Suite struct `Root cells that are always there` {
    @Test func `belong to whoever speaks`() throws {
        let room = try Room(
            cells: "notes = t.list(t.string()) :per \"session\", me = t.object { n = t.integer() } :per \"user\"",
            handlers: "add = function(cells, data) cells.notes:push(data) cells.me.n = cells.me.n + 1 end")
        let ann = try room.join("ann")
        let bob = try room.join("bob")
        for (who, text) in [(ann, "a1"), (bob, "b1"), (ann, "a2"), (ann, "a3"), (bob, "b2")] {
            try room.send("add", .string(text), by: who)
        }
        #expect(room["notes@ann"] == #"["a1","a2","a3"]"# && room["notes@bob"] == #"["b1","b2"]"#)
        #expect(room["me@u:ann"] == #"{"n":3}"# && room["me@u:bob"] == #"{"n":2}"#)
    }

    @Test func `are nobody's where nobody speaks`() throws {
        let room = try Room(
            cells: "notes = t.list(t.string()) :per \"session\", log = t.list(t.string())",
            handlers: """
                note = function(cells, data) cells.notes:push(data) end,
                log = function(cells, data) cells.log:push(data) end,
                """)
        let ann = try room.join("ann")
        try room.send("note", "x", by: ann)
        try room.send("log", "by ann", by: ann)
        for _ in 0..<2 {
            #expect(room.failure("note", "y")?.message.contains("notes is per session, and this run has no") == true)
            try room.send("log", "by nobody")
        }
        try room.send("note", "z", by: ann)
        #expect(room["notes@ann"] == #"["x","z"]"# && room["log"] == #"["by ann","by nobody","by nobody"]"#)
    }

    @Test func `are read by what is asked of them, not by being named`() throws {
        let room = try Room(
            cells: "log = t.list(t.string()), one = t.object { log = t.link() }",
            handlers: """
                push = function(cells) cells.log:push("x") end,
                link = function(cells) cells.one.log = cells.log end,
                count = function(cells) return #cells.log end,
                """)
        let ann = try room.join("ann")
        for _ in 0..<2 {
            for (handler, reads) in [("push", 0), ("link", 0), ("count", 1)] {
                try room.send(handler, by: ann)
                #expect(room.lastTransaction.readCount == reads, "\(handler)")
            }
        }
    }

    @Test func `stay themselves when they are replaced and deleted`() throws {
        let room = try Room(
            cells: "log = t.list(t.string()), box = t.object { n = t.integer { default = 5 } }",
            handlers: """
                go = function(cells)
                  local log, box = cells.log, cells.box
                  cells.log = { "a", "b" }
                  assert(#log == 2 and #cells.log == 2 and log == cells.log)
                  log:push("c")
                  cells.log:delete()
                  assert(#log == 0 and #cells.log == 0)
                  cells.log:push("d")
                  cells.box = { n = 7 }
                  assert(box.n == 7 and cells.box.n == 7)
                  return { log[1], #cells.log, cells.box.n }
                end
                """)
        let ann = try room.join("ann")
        for _ in 0..<3 {
            #expect(try room.send("go", by: ann) == .list(["d", 1, 7]))
            #expect(room["log"] == #"["d"]"#)
        }
    }

    /// Else an event could do in one VM what it may not in another.
    @Test(arguments: ["", "cells.log:push(cells.title)", "for i = 1, 9 do cells.log:push('x') end", "cells.box.n = 3"])
    func `cost in every VM what they cost in a new one`(body: String) throws {
        let room = try Room(
            cells: "log = t.list(t.string()), box = t.object { n = t.integer() }, title = t.string()",
            handlers: "go = function(cells) \(body) cells.title:set(cells.title .. #cells.log) local b = cells.box end")
        let ann = try room.join("ann")
        var used: [[UInt64]] = []
        room.runtime.meter = { _, instructions, output in used.append([instructions, output]) }
        var reads: [Int] = []
        for _ in 0..<3 {
            let start = (room.cells, room.seq)
            try room.send("go", by: ann)
            reads.append(room.lastTransaction.readCount)
            (room.cells, room.seq) = start
        }
        #expect(Set(used).count == 1 && Set(reads).count == 1, "\(used), \(reads)")
    }

    @Test func `are one proxy in a run, however often they are named`() throws {
        let room = try Room(
            cells: "log = t.list(t.string())",
            handlers: """
                go = function(cells)
                  local marks = {}
                  marks[cells.log] = "here"
                  return { rawequal(cells.log, cells.log), marks[cells.log] or "lost" }
                end
                """)
        let ann = try room.join("ann")
        for _ in 0..<3 { #expect(try room.send("go", by: ann) == .list([true, "here"])) }
    }

    /// It would be refused them by its own: a derived cell is the same for everyone.
    @Test(arguments: ["cells", "cells.own"])
    func `are not lent to a derived function by a handler`(what: String) throws {
        let room = try Room(
            cells: "own = t.list(t.string()) :per \"session\", log = t.list(t.string())",
            derived: """
                d = function(cells)
                  local n = #cells.log
                  if not lent then return "not lent" end
                  return (select(2, pcall(function() return #(lent.own or lent) end)))
                end
                """,
            handlers: """
                warm = function(cells) return #cells.own end,
                go = function(cells) cells.log:push("x") lent = \(what) local d = cells.d lent = nil return d end,
                """, prefix: "local lent")
        let ann = try room.join("ann")
        for _ in 0..<2 {
            let answer = try room.send("go", by: ann)?.string
            #expect(
                answer?.contains("belongs to another function that is still running") == true, "\(answer ?? "none")")
            try room.send("warm", by: ann)
        }
    }

    @Test func `are had in allow functions, watches and coroutines too`() throws {
        let room = try Room(
            cells: "open = t.map(t.boolean()), log = t.list(t.string()), count = t.object { n = t.integer() }",
            handlers: """
                say = {
                  allow = function(who, cells) return cells.open[who.session] end,
                  run = function(cells, data)
                    local push = coroutine.wrap(function() cells.log:push(data) coroutine.yield(1) cells.log:push(data) end)
                    push() push()
                  end,
                },
                let_in = function(cells, who) cells.open[who] = true end,
                """,
            rest: "watch = { log = function(cells) cells.count.n = cells.count.n + 1 end }")
        let ann = try room.join("ann")
        #expect(room.failure("say", "hi", by: ann)?.code == "forbidden")
        try room.send("let_in", "ann", by: ann)
        for _ in 0..<2 { try room.send("say", "hi", by: ann) }
        #expect(room["log"] == #"["hi","hi","hi","hi"]"# && room["count"] == #"{"n":2}"#)
    }

    /// A derived function follows what it reads, so it must be seen reading.
    @Test func `are followed by derived functions`() throws {
        let room = try Room(
            cells: "log = t.list(t.string())", derived: "many = function(cells) return #cells.log > 1 end",
            handlers: "go = function(cells) cells.log:push('x') return cells.many end")
        let ann = try room.join("ann")
        #expect(try room.send("go", by: ann) == false && room["many"] == "false")
        #expect(try room.send("go", by: ann) == true && room["many"] == "true")
    }
}
