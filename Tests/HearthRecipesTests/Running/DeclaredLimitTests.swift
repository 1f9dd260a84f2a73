import HearthRecipes
import HearthValues
import Testing

@Suite struct `Limits that a recipe declares` {
    static func recipe(_ limits: String) -> String {
        """
        return recipe { name = "test",
          limits = \(limits),
          handlers = { go = function(cells, data, ctx) for i = 1, 50 do ctx.log(i) end end } }
        """
    }

    @Test func `lower the server's`() throws {
        let room = try Room(Self.recipe("{ log_lines_max = 20, instructions = 500000, coroutine_depth = 1 }"))
        #expect(room.runtime.limits.instructions == 500_000)
        #expect(room.runtime.limits.coroutineDepth == 1)
        #expect(room.runtime.limits.milliseconds == RecipeLimits().milliseconds)
        let failure = room.failure("go")
        #expect(failure?.code == "budget_exceeded")
        #expect(failure?.details.object?["kind"] == "log_lines")
        #expect(failure?.details.object?["limit"] == 20)
    }

    @Test(arguments: [
        (
            "{ instructions = 10000001 }",
            "limits.instructions: 10000001 is more than the server's maximum of 10000000 instructions"
        ),
        ("{ milliseconds = 0 }", "limits.milliseconds: 0, an integer from 1 is required"),
        ("{ milliseconds = -1 }", "limits.milliseconds: -1, an integer from 1 is required"),
        ("{ milliseconds = 1.5 }", "limits.milliseconds: 1.5, an integer from 1 is required"),
        ("{ milliseconds = 'x' }", "limits.milliseconds: \"x\", an integer from 1 is required"),
        ("{ memory_bytes = 1 }", "limits.memory_bytes is the server's: a recipe cannot set it"),
        ("{ milisecond = 5 }", "limits has no field milisecond, did you mean milliseconds?"),
        ("5", "limits: an integer, expected a table: limits = { instructions = 1000000 }"),
    ])
    func `are refused with what would be right`(limits: String, message: String) {
        #expect(problems(Self.recipe(limits)) == ["recipe.lua:2: \(message)"])
    }

    @Test func `may be anything where the server has none`() throws {
        var server = RecipeLimits()
        server.writesMax = 0
        #expect(
            try Room(Self.recipe("{ writes_max = 1000000000 }"), limits: server).runtime.limits.writesMax
                == 1_000_000_000)
    }

    @Test func `hold in every VM of the recipe`() throws {
        let room = try Room(Self.recipe("{ log_lines_max = 20 }"))
        try room.runtime.discardVM()
        #expect(room.failure("go")?.details.object?["limit"] == 20)
    }
}
