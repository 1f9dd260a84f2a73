import HearthRecipes
import HearthTesting

/// What a spec costs: until its first test runs, and each test.
enum SpecBenchmarks {
    static var groups: [BenchmarkGroup] {
        [
            BenchmarkGroup(names: ["spec of 100 tests, start", "spec of 100 tests"]) {
                [
                    // From the text of the file to the end of its first test, which makes a room and sends an event.
                    Benchmark(
                        name: "spec of 100 tests, start", operations: 1, unit: "file", against: "a spec of 1 test",
                        work: { try run(tests: 100, only: "test 1.") }, baseline: { try run(tests: 1) }),
                    Benchmark(
                        name: "spec of 100 tests", operations: 100, unit: "test", against: "a spec of 1 test",
                        work: { try run(tests: 100) }, baseline: { for _ in 0..<100 { try run(tests: 1) } }),
                ]
            }
        ]
    }

    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "counter", version = 1,
          cells = { count = t.integer { default = 0 }, user = t.object { name = t.string() } :per "session" },
          on = { join = function(cells, _, ctx) cells.user.name = ctx.who.name end },
          handlers = { add = function(cells, data) cells.count:increment(data.n) end },
        }
        """

    private static func run(tests: Int, only: String? = nil) throws {
        let bodies = (1...tests).map { number in
            """
            it("test \(number).", function()
              local room = hearth.room("counter")
              local ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
              ann:send("add", { n = \(number) })
              assert.equal(\(number), bob.view.count)
            end)

            """
        }
        var options = SpecRun.Options()
        options.filter = only
        var spec = SpecRun(path: "counter_spec.lua", text: bodies.joined(), options: options) { name in
            RecipeSource(name: name, text: recipe)
        }
        var passed = 0
        spec.onResult = { if $0.status == .passed { passed += 1 } }
        try spec.run()
        guard passed == (only == nil ? tests : 1) else { throw Wrong(passed: passed) }
    }

    private struct Wrong: Error { var passed: Int }
}
