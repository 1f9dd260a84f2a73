import HearthLua
import Testing

@testable import HearthTesting

@Suite("A spec runs against the real engine")
struct SpecRunTests {
    @Test func `a test passes, fails and is pending`() throws {
        let trial = try SpecTrial(
            """
            describe("tally", function()
              it("counts", function()
                local room = hearth.room("tally")
                local ann = room:join { name = "Ann" }
                local ack = ann:send("add", { n = 3 })
                assert.equal(3, ack.result)
                assert.equal(3, ann.view.total)
                assert.equal(3, room.cells.total:get())
              end)
              it("is wrong", function()
                local values = { 1, 2 }
                assert.same({ 1, 3 }, values)
              end)
              pending("comes later")
              it("is not ready", function() pending("soon") end)
            end)
            """)
        #expect(trial.results.map(\.status) == [.passed, .failed, .pending, .pending])
        let failure = try #require(trial.failure)
        #expect(failure.name == "tally is wrong")
        #expect(failure.line == 12)
        #expect(failure.file == "tally_spec.lua")
        #expect(failure.source == "assert.same({ 1, 3 }, values)")
        #expect(failure.expected == "{ 1, 3 }" && failure.actual == "{ 1, 2 }")
        #expect(trial.results[3].message == "soon")
    }

    @Test func `what stands around a test runs in order, each time anew`() throws {
        let trial = try SpecTrial(
            """
            local order = {}
            describe("outer", function()
              setup(function() order[#order + 1] = "setup" end)
              before_each(function() order[#order + 1] = "b1" end)
              after_each(function() order[#order + 1] = "a1" end)
              describe("inner", function()
                before_each(function() order[#order + 1] = "b2" end)
                after_each(function() order[#order + 1] = "a2" end)
                it("one", function() order[#order + 1] = "one" end)
                it("fails", function() error("oh") end)
              end)
              teardown(function() order[#order + 1] = "teardown"; print(table.concat(order, " ")) end)
            end)
            """)
        #expect(trial.printed == ["setup b1 b2 one a2 a1 b1 b2 a2 a1 teardown"])
        #expect(trial.failure?.message == "oh" && trial.failure?.line == 10)
    }

    @Test(arguments: [
        ("assert.equal(1, 2)", "the values are not equal"),
        ("assert.are.equal(1, 2)", "the values are not equal"),
        ("assert.is_true(nil)", "it is not what it should be"),
        ("assert.is_nil(1)", "it is not what it should be"),
        ("assert.is_not_nil(nil)", "it is what it should not be"),
        ("assert.is.not_nil(nil)", "it is what it should not be"),
        ("assert.not_equal(1, 1)", "the values are equal and should not be"),
        ("assert.are_not.same({ 1 }, { 1 })", "the values are the same and should not be"),
        ("assert.has_error(function() end)", "it did not raise that error"),
        ("assert.has_no.errors(function() error('x') end)", "it raised an error"),
        ("assert.matches('^a', 'b')", "it is not what it should be"),
        ("assert.is_string(1)", "it is not what it should be"),
        ("assert.near(1, 2, 0.5)", "it is not what it should be"),
        ("assert(false)", "the assertion does not hold"),
        ("assert.equal(1, 2, 'in so many words')", "in so many words"),
        ("assert.resembles(1, 2)", "there is no assert.resembles"),
    ])
    func `an assertion fails with its line`(assertion: String, message: String) throws {
        let trial = try SpecTrial("it('x', function()\n  \(assertion)\nend)")
        #expect(trial.failure?.message == message)
        #expect(trial.failure?.line == 2)
    }

    @Test(arguments: [
        "assert.equal('a', 'a')", "assert.same({ a = { 1 } }, { a = { 1 } })", "assert.is_true(true)",
        "assert.is_false(false)", "assert.is_nil(nil)", "assert.truthy(1)", "assert.is_falsy(nil)",
        "assert.has_error(function() error('oh') end, 'oh')", "assert.has.errors(function() error('oh') end)",
        "assert.has_no.errors(function() end)", "assert.matches('b+', 'abbb')", "assert.is_number(1)",
        "assert.is_not.equal(1, 2)", "assert.near(1, 1.2, 0.5)", "assert(1 == 1, 'is')", "assert.is_table({})",
    ])
    func `an assertion holds`(assertion: String) throws {
        let trial = try SpecTrial("it('x', function()\n  \(assertion)\nend)")
        #expect(trial.failure?.message == nil)
    }

    @Test func `only what the filter names runs`() throws {
        var options = SpecRun.Options()
        options.filter = "b c"
        let trial = try SpecTrial(
            "describe('b', function() it('c', function() end) it('d', function() end) end)", options: options)
        #expect(trial.results.map(\.name) == ["b c"])
    }

    @Test func `a file that does not compile names its line`() {
        #expect { try SpecTrial("describe(\n  'x', function( end)") } throws: { error in
            (error as? LuaError)?.line == 2 && (error as? LuaError)?.file == "tally_spec.lua"
        }
    }

    @Test func `a recipe that is not there is an error in its line`() throws {
        let trial = try SpecTrial("it('x', function()\n  hearth.room('chess')\nend)")
        #expect(trial.failure?.message == "there is no recipe \"chess\"")
        #expect(trial.failure?.line == 2)
    }

    @Test(arguments: [
        ("room:joyn {}", "a room has no `joyn`"), ("ann.vew = ann.vew", "a participant has no `vew`"),
        ("room:join { nam = 'x' }", "room:join has no option `nam`"),
        ("hearth.room('tally', { sed = 1 })", "hearth.room has no option `sed`"),
        ("room:reload { source = 1 }", "room:reload takes { source = TEXT }, the text of the recipe"),
        ("room.cells.total = 3", "room.cells is read-only in a spec: send an event, or use room:call"),
    ])
    func `a slip is named`(code: String, message: String) throws {
        let trial = try SpecTrial(
            """
            it("x", function()
              local room = hearth.room("tally")
              local ann = room:join { name = "Ann" }
              \(code)
            end)
            """)
        #expect(trial.failure?.message == message)
        #expect(trial.failure?.line == 4)
    }
}

@Suite("A spec that crosses a limit")
struct SpecLimitTests {
    @Test func `the test under way fails and the file ends`() throws {
        var options = SpecRun.Options()
        options.memoryBytes = 32 << 20
        var results: [SpecResult] = []
        var run = SpecRun(
            path: "big_spec.lua",
            text: """
                it("is small", function() end)
                it("is big", function()
                  local all = {}
                  for i = 1, 1e9 do all[i] = ("x"):rep(1000) .. i end
                end)
                it("never runs", function() end)
                """, options: options
        ) { _ in throw SpecError("none") }
        run.onResult = { results.append($0) }
        #expect { try run.run() } throws: { ($0 as? LuaError)?.kind == .limit(.memory) }
        #expect(results.map(\.status) == [.passed, .failed])
        #expect(results.last?.message == "the memory budget is used up")
    }

    @Test func `the limits of one event are not those of a spec`() throws {
        let trial = try SpecTrial(
            """
            it("holds much", function()
              local threads, text = {}, {}
              for i = 1, 1200 do
                threads[i] = coroutine.create(coroutine.yield)
                coroutine.resume(threads[i])
              end
              for i = 1, 30 do text[i] = ("x"):rep(1000000) .. i end
            end)
            """)
        #expect(trial.failure == nil && trial.results.count == 1)
    }
}
