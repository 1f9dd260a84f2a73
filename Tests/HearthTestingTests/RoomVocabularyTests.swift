import Testing

@testable import HearthTesting

/// What a spec can do with rooms and participants. Each body runs with a room of the fixture recipe and Ann and Bob in it.
@Suite("Rooms in a spec")
struct RoomVocabularyTests {
    private func run(_ body: String) throws -> SpecTrial {
        let trial = try SpecTrial(
            """
            it("x", function()
              local room = hearth.room("tally", { seed = 1 })
              local ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
            \(body)
            end)
            """)
        return trial
    }

    @Test(arguments: [
        // links in a replica are resolved, and follow
        """
        ann:send("add", { n = 2 })
        assert.equal("Ann", bob.view.log[1].by.name)
        assert.equal(1, bob.view.count)
        assert.equal("Bob", bob.view.user.name)
        assert.equal(bob.view.log[1].by, bob.view["user@" .. ann.session])
        """,
        // a refusal is raised, or returned
        """
        local ack, err = ann:try("fail")
        assert.is_nil(ack)
        assert.equal("no", err.code)
        assert.equal("not like that", err.message)
        assert.has_error(function() ann:send("fail") end, "no")
        assert.equal("no", ann.errors[1].code)
        assert.has_error(function() ann:send("nothing") end, "unknown_event")
        """,
        // another version of the recipe, in the middle of what happens
        """
        ann:send("add", { n = 2 })
        local slow = bob:start("slow")
        room:run()
        local report = room:reload { source = [[
          local t = require "hearth.types"
          return recipe { name = "tally", version = 2,
            cells = { total = t.integer { default = 0 }, twice = t.integer { default = 0 },
              user = t.object { name = t.string { default = "Guest" }, age = t.integer { default = 1 } } :per "session" },
            on = { migrate = function(cells, from) cells.twice = cells.total * 2 + from * 100 end },
            handlers = {
              add = function(cells) cells.total = cells.total + 50 end,
              slow = function(cells, data, ctx)
                local before = cells.total
                ctx.sleep(1000)
                cells.total = before + 10
              end,
            },
          }]] }
        assert.equal(2, report.version)
        assert.is_true(report.migrated)
        assert.equal(104, bob.view.twice)
        assert.equal(1, bob.view.user.age)
        assert.is_nil(bob.view.log)
        room:advance(2000)
        assert.is_true(slow.done)
        ann:send("add")
        assert.equal(62, bob.view.total)
        assert.equal(1, room.stats.reloads)
        """,
        // who may see what changes: everyone is shown what it may see now
        """
        room:reload { source = [[
          local t = require "hearth.types"
          return recipe { name = "tally", version = 2,
            cells = { total = t.integer { default = 0 }, secret = t.string { default = "psst" },
              log = t.list(t.object { by = t.link "user", n = t.integer() }),
              user = t.object { name = t.string { default = "Guest" } } :per "session" },
            handlers = { add = function(cells) cells.total:increment(5) end },
          }]] }
        assert.is_true(bob.connected)
        assert.equal("psst", bob.view.secret)
        ann:send("add")
        assert.equal(5, bob.view.total)
        """,
        // a version that is wrong, or that the room cannot run, changes nothing
        """
        ann:send("add", { n = 2 })
        assert.has_error(function() room:reload { source = "return recipe {" } end)
        local ok, err = pcall(room.reload, room, { source = [[
          local t = require "hearth.types"
          return recipe { name = "tally", cells = { total = t.string() }, handlers = {} }]] })
        assert.is_false(ok)
        assert.equal("migration_failed", err.code)
        ann:send("add")
        assert.equal(3, bob.view.total)
        room:reload()
        ann:send("add")
        assert.equal(4, bob.view.total)
        """,
        // waiting takes virtual time
        """
        local before = room.now
        ann:send("slow")
        assert.equal(1000, room.now - before)
        """,
        // steps
        """
        local first, second = ann:start("add"), bob:start("add")
        assert.is_false(first.done)
        room:step()
        assert.is_true(first.done)
        assert.is_false(second.done)
        room:run()
        assert.equal(2, second.ack.result)
        """,
        // a handler that waits, and time
        """
        local slow = ann:start("slow")
        room:run()
        assert.equal(1, room.stats.waiting)
        assert.is_false(slow.done)
        room:advance(999)
        assert.is_false(slow.done)
        room:advance(1)
        assert.is_true(slow.done)
        """,
        // a real conflict: rolled back, reattached, run again
        """
        local slow = ann:start("slow")
        room:run()
        bob:send("add", { n = 5 })
        room:advance(5000)
        assert.equal(2, slow.ack.runs)
        assert.equal(6, room.cells.total)
        assert.equal(1, room.stats.reattached)
        """,
        // forced conflicts
        """
        room:conflict { handler = "add", times = 3 }
        assert.equal(3, ann:send("add").runs)
        assert.equal(1, room.cells.total)
        assert.has_error(function() room:conflict { handler = "ad" } end)
        """,
        // questions
        """
        ann:on_ask(function(name, data) return data.to == "it" and "yes" end)
        assert.equal(1, bob:send("vote").result)
        """,
        // timers
        """
        ann:send("later")
        room:advance(59999)
        assert.equal(0, bob.view.total)
        room:advance(1)
        assert.equal(10, bob.view.total)
        """,
        // signals
        """
        ann:send("shout")
        assert.same({ loud = true }, bob.signals[1].data)
        assert.equal(ann.session, bob.signals[1].from)
        """,
        // coming back
        """
        bob:disconnect()
        assert.is_false(bob.connected)
        ann:send("add")
        assert.equal(0, bob.view.total)
        local pending = bob:start("add", { n = 7 })
        bob:resume()
        assert.equal(8, bob.view.total)
        assert.is_true(pending.done)
        bob:reload()
        assert.equal(8, bob.view.total)
        assert.has_error(function() ann:disconnect() ann:send("add") end)
        """,
        // leaving
        """
        bob:leave()
        assert.is_false(bob.connected)
        assert.equal(1000, bob.closed.code)
        """,
        // a restart keeps the room, and everyone returns
        """
        ann:send("add", { n = 4 })
        room:restart()
        assert.equal(4, room.cells.total)
        assert.is_true(bob.connected)
        bob:send("add")
        assert.equal(5, ann.view.total)
        assert.is_true(room.stats.commits >= 5)
        """,
        // the server calls
        """
        assert.equal("judged", room:call("judge").result)
        assert.has_error(function() room:call("fail") end, "no")
        """,
        // cells as a recipe reads them
        """
        ann:send("add", { n = 1 })
        ann:send("add", { n = 2 })
        assert.equal(2, #room.cells.log)
        assert.equal("Ann", room.cells.log[1].by.name)
        assert.equal(2, room.cells.log:last(1)[1].n)
        assert.equal(3, room.cells.total:get())
        assert.is_nil(room.cells.nothing)
        assert.same({ { by = { name = "Ann" }, n = 1 }, { by = { name = "Ann" }, n = 2 } }, room.cells.log)
        """,
        // roles, and what they may see
        """
        local judge = room:join { name = "J", roles = { "judge" } }
        assert.equal("psst", judge.view.secret)
        assert.is_nil(ann.view.secret)
        assert.equal("judged", judge:send("judge").result)
        assert.has_error(function() ann:send("judge") end, "forbidden")
        """,
        // ephemeral cells
        """
        ann:set("typing", true)
        assert.is_true(bob.view["typing@" .. ann.session])
        """,
        // input, and a recipe that has it
        """
        local other = hearth.room("tally", { input = { total = 12 }, id = "other" })
        assert.equal(12, other.cells.total)
        """,
        // commits as they came
        """
        ann:send("add")
        local last = bob.commits[#bob.commits]
        assert.equal("add", last.event)
        assert.equal(ann.session, last.by)
        """,
    ])
    func `works`(body: String) throws {
        let trial = try run(body)
        let failure = trial.failure
        #expect(failure == nil, "\(failure.map { "\($0.line) \($0.explanation)" } ?? "")")
    }
}
