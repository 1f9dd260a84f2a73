import Testing

@testable import HearthTesting

/// `explore` finds what only some interleavings show, and tells it in as few steps as it gets.
@Suite("Exploring schedules")
struct ExploreTests {
    /// Whoever writes back what the view showed loses what came in between: the engine cannot know.
    private static let lostUpdate = """
        it("keeps every increment", function()
          explore({ runs = 300, seed = 7, recipe = "tally" }, function(room)
            local a, b = room:join { name = "Ann" }, room:join { name = "Bob" }
            local function increment(who)
              return function() who:send("write", { total = who.view.total + 1 }) end
            end
            room:concurrently(increment(a), increment(b))
            return function() assert.equal(2, room.cells.total:get()) end
          end)
        end)
        """

    @Test func `a lost update is found, shortened and told`() throws {
        let failure = try #require(try SpecTrial(Self.lostUpdate).failure)
        #expect(failure.message == "the values are not equal")
        #expect(failure.expected == "2" && failure.actual == "1")
        #expect(failure.line == 8)
        #expect(failure.story.first?.contains("of 300 with seed 7; the shortest schedule that fails:") == true)
        let happenings = failure.story.filter { $0.contains("`write`") }
        #expect(
            happenings.map { String($0.prefix { $0 != "{" && $0 != ":" }) } == [
                "Ann, who has seen commit 3, sends `write` ", "Bob, who has seen commit 3, sends `write` ",
                "`write` of Ann is commit 4", "`write` of Bob is commit 5",
            ])
        #expect(!failure.story.contains { $0.contains("killed") || $0.contains("loses the connection") })
    }

    @Test func `the same seed tells the same story`() throws {
        #expect(try SpecTrial(Self.lostUpdate).failure == SpecTrial(Self.lostUpdate).failure)
    }

    @Test func `the seed of the command wins`() throws {
        var options = SpecRun.Options()
        options.seed = 99
        let failure = try SpecTrial(Self.lostUpdate, options: options).failure
        #expect(failure?.story.first?.contains("with seed 99") == true)
    }

    @Test(arguments: [
        // what the engine promises holds whatever goes wrong
        """
        a:send("add", { n = 1 })
        """,
        // a handler that waits is rolled back when what it read has changed
        """
        a:send("slow")
        """,
    ])
    func `what the engine keeps is kept in every interleaving`(event: String) throws {
        let trial = try SpecTrial(
            """
            it("holds", function()
              explore({ runs = 200, seed = 3, recipe = "tally" }, function(room)
                local people = { room:join { name = "Ann" }, room:join { name = "Bob" }, room:join { name = "Cy" } }
                local parts = {}
                for place, a in ipairs(people) do parts[place] = function() \(event) end end
                room:concurrently(table.unpack(parts))
                return function()
                  assert.equal(3, room.cells.total:get())
                  for _, who in ipairs(people) do assert.equal(3, who.view.total) end
                end
              end)
            end)
            """)
        #expect(trial.failure == nil, "\(trial.failure?.explanation.joined(separator: "\n") ?? "")")
    }

    @Test func `a conflict that the schedule made stands in the story`() throws {
        let trial = try SpecTrial(
            """
            it("runs once", function()
              explore({ runs = 300, seed = 1, recipe = "tally" }, function(room)
                local a = room:join { name = "Ann" }
                room:concurrently(function() assert.equal(1, a:send("add").runs) end)
              end)
            end)
            """)
        let story = try #require(trial.failure?.story)
        #expect(story.contains { $0.contains("the next commit of `add` will meet a conflict") })
        #expect(
            story.contains { $0.hasPrefix("`add` of Ann, run 1, is rolled back") && $0.contains("the schedule made") })
    }

    @Test func `without faults nothing goes wrong on purpose`() throws {
        let trial = try SpecTrial(
            """
            it("runs once", function()
              explore({ runs = 300, seed = 1, recipe = "tally", faults = false }, function(room)
                local a = room:join { name = "Ann" }
                room:concurrently(function() assert.equal(1, a:send("add").runs) end)
              end)
            end)
            """)
        #expect(trial.failure == nil)
    }

    @Test func `who is away for a while is part of the schedule, and of the story`() throws {
        let trial = try SpecTrial(
            """
            it("sees everybody", function()
              explore({ runs = 300, seed = 1, recipe = "tally" }, function(room)
                local a, b = room:join { name = "Ann" }, room:join { name = "Bob" }
                local here
                room:concurrently(function() here = a:send("here").result end, function() b:send("add") end)
                return function() assert.equal(2, here) end
              end)
            end)
            """)
        let story = try #require(trial.failure?.story)
        #expect(trial.failure?.expected == "2" && trial.failure?.actual == "1")
        #expect(story.contains("Bob loses the connection"))
        #expect(story.contains("Bob comes back"))
        #expect(!story.contains { $0.contains("killed") || $0.contains("a conflict that the schedule made") })
    }

    /// Each run says afterwards, by what its participants met, which faults it had.
    @Test func `messages are lost, doubled and left out, and nothing of it shows`() throws {
        let trial = try SpecTrial(
            """
            it("holds", function()
              explore({ runs = 400, seed = 5, recipe = "tally" }, function(room)
                local people = { room:join { name = "Ann" }, room:join { name = "Bob" }, room:join { name = "Cy" } }
                local parts = {}
                for place, a in ipairs(people) do
                  parts[place] = function() for n = 1, 3 do assert.equal("ack", a:send("add", { n = n }).type) end end
                end
                room:concurrently(table.unpack(parts))
                return function()
                  print(table.concat(room.happened, " "))
                  assert.equal(18, room.cells.total:get())
                  assert.equal(9, #room.cells.log)
                  for _, who in ipairs(people) do assert.equal(18, who.view.total) end
                end
              end)
            end)
            """)
        #expect(trial.failure == nil, "\(trial.failure?.explanation.joined(separator: "\n") ?? "")")
        let happened = Set(trial.printed.flatMap { $0.split(separator: " ") })
        #expect(
            happened == [
                "conflict", "drop", "away", "refresh", "lose", "double", "behind", "restart", "reload", "discard",
                "pause",
            ])
    }

    @Test func `answers to questions are part of the schedule`() throws {
        let trial = try SpecTrial(
            """
            it("counts the votes", function()
              explore({ runs = 100, seed = 1, recipe = "tally", faults = false }, function(room)
                local a, b = room:join { name = "Ann" }, room:join { name = "Bob" }
                for _, who in ipairs { a, b } do who:on_ask(function() return "yes" end) end
                local yes
                room:concurrently(
                  function() yes = a:send("vote").result end, function() b:send("add") end)
                assert.is_true(yes >= 0 and yes <= 2)
                return function() assert.equal(1, room.cells.total:get()) end
              end)
            end)
            """)
        #expect(trial.failure == nil, "\(trial.failure?.explanation.joined(separator: "\n") ?? "")")
    }
}
