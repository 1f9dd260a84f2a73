import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

/// How rooms built before this one died of conflicts, one test a cause. The root of all: state outside the transaction
/// was not rolled back with it.
@Suite("What killed rooms elsewhere")
struct KnownFailureTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "known", version = 1,
          cells = {
            items = t.list(t.object { of = t.link "user", n = t.integer() }), n = t.integer(), other = t.integer(),
            fired = t.integer(), x = t.any(), notes = t.list(t.string()),
            user = t.object { name = t.string { default = "Guest" } } :per "session",
          },
          derived = {
            doubled = function(cells) return cells.n * 2 end,
            either = function(cells) if cells.n > 5 then return cells.other end return "n" .. cells.n end,
            count = t.count("items"), recent = t.last("items", 3), sum = t.sum("items", "n"),
          },
          watch = { n = function(cells, change) cells.notes:push("n is " .. change.value) end },
          handlers = {
            work = function(cells, data, ctx)
              cells.n = cells.n + 1
              cells.items:push { of = cells.user, n = cells.n }
              ctx.after(1000, "fire")
              ctx.signal("worked", { n = cells.n }, { to = "all" })
              ctx.send("elsewhere", "hear", {})
              return ctx.id()
            end,
            fire = function(cells) cells.fired:increment(1) end,
            other = function(cells, data) cells.other = data.n end,
            set = function(cells, data) cells.n = data.n end,
            bad_field = function(cells, data) cells.user:update { name = "a" }; cells.notes:push(data.zero / data.zero) end,
            bad = function(cells, data)
              cells.n = 100
              cells.x = data.zero / data.zero
            end,
            broken = function(cells) cells.n = 50; error("for good") end,
            remember = function(cells) seen = (seen or 0) + 1 end,
          },
        }
        """

    private func open() throws -> SimulatedRoom {
        try SimulatedRoom(Self.recipe)
    }

    @Test("work that a reverted run had scheduled still ran: effects leave with the commit, once")
    func scheduledWork() throws {
        let room = try open()
        let ann = room.join()
        room.machine.forceConflicts(of: "work", times: 2)
        ann.send("work")
        #expect(ann.signals.map(\.data) == [["n": 1]])
        #expect(room.deliveries.count == 1)
        room.advance(10_000)
        #expect(ann.cells["fired"] == 1)
    }

    @Test("a failed commit put its event back and nobody woke the scheduler: a rerun follows without any other input")
    func wakes() throws {
        let room = try open()
        let ann = room.join()
        room.machine.forceConflicts(of: "work", times: 1)
        ann.send("work")
        #expect(ann.acks.map(\.runs) == [2])
        #expect(!room.machine.hasWork)
    }

    @Test("derived cells were not computed again, or lost their dependencies, after a rollback")
    func derived() throws {
        let room = try open()
        let ann = room.join()
        for round in 0..<4 {
            room.machine.forceConflicts(of: "work", times: round % 3)
            ann.send("work")
        }
        #expect(ann.cells["doubled"] == 8)
        #expect(ann.cells["count"] == 4 && ann.cells["sum"] == 10)
        #expect(ann.cells["recent"]?.list?.map { $0.object?["n"] } == [2, 3, 4])
        #expect(ann.cells["either"] == "n4")
        // From here it follows another cell; a rollback on the way must not forget that.
        ann.send("set", ["n": 6])
        room.machine.forceConflicts(of: "other", times: 2)
        ann.send("other", ["n": 17])
        #expect(ann.cells["either"] == 17)
        #expect(ann.cells["notes"]?.list?.count == 5)
    }

    @Test("links in lists broke on rollback: every author lives, and a rename shows everywhere")
    func links() throws {
        let room = try open()
        let ann = room.join()
        for _ in 0..<5 {
            room.machine.forceConflicts(of: "work", times: 2)
            try room.discardVM()
            ann.send("work")
        }
        let author = Value.link(Link(cell: "user@\(ann.session)", pointer: Pointer()))
        #expect(ann.cells["items"]?.list?.map { $0.object?["of"] } == Array(repeating: author, count: 5))
        #expect(ann.cells["user@\(ann.session)"]?.object?["name"] == "Guest")
    }

    @Test("a cache in a closure survived the revert: a handler that changes what is outside it fails, and says so")
    func closures() throws {
        let room = try open()
        let ann = room.join()
        ann.send("remember")
        #expect(ann.errors.first?.failure.message.contains("keep it in a cell") == true)
    }

    @Test("ids made anew on a rerun never converged; equal content gave equal ids")
    func ids() throws {
        func ids(conflicts: Int) throws -> [Value?] {
            let room = try open()
            let ann = room.join()
            for _ in 0..<2 {
                room.machine.forceConflicts(of: "work", times: conflicts)
                ann.send("work")
            }
            return ann.acks.map(\.result)
        }
        let plain = try ids(conflicts: 0)
        #expect(plain == (try ids(conflicts: 2)))
        #expect(plain[0] != plain[1])
        let room = try open()
        let ann = room.join()
        ann.send("other", ["n": 1])
        ann.send("other", ["n": 2])
        ann.send("other", ["n": 1])
        ann.send("other", ["n": 2])
        let facts = try room.store.facts(room: "lobby", after: 0, limit: 100)
        #expect(Set(facts.map(\.id)).count == facts.count)
    }

    @Test("NaN became null in text, so that two sides held different content: it is refused where it is written")
    func nan() throws {
        let room = try open()
        let ann = room.join()
        ann.send("bad", ["zero": 0])
        #expect(ann.errors.map(\.failure.code) == ["handler_failed"])
        #expect(ann.errors.first?.failure.message.contains(": x: the value is not a number") == true)
        #expect(ann.cells["n"] == 0 && ann.cells["x"] == .null)
        ann.send("bad_field", ["zero": 0])
        #expect(ann.errors.last?.failure.message.contains(": notes: the value is not a number") == true)
    }

    @Test("a permanent failure was taken for one to retry, and wedged the client: it ends in one error, in one run")
    func permanent() throws {
        let room = try open()
        let ann = room.join()
        ann.send("broken")
        #expect(ann.errors.count == 1)
        #expect(ann.errors.first?.failure.retryable == false)
        #expect(room.machine.stats.reruns == 0)
        ann.send("work")
        #expect(ann.acks.map(\.id) == [2])
        #expect(ann.cells["n"] == 1)
    }
}
