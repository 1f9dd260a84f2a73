import HearthRecipes
import Testing

@testable import HearthTesting

/// Runs a spec that stands in a test.
struct SpecTrial {
    var results: [SpecResult] = []
    var printed: [String] = []

    init(
        _ text: String, recipes: [String: String] = ["tally": Fixtures.tally],
        options: SpecRun.Options = SpecRun.Options()
    ) throws {
        var results: [SpecResult] = []
        var printed: [String] = []
        var run = SpecRun(path: "tally_spec.lua", text: text, options: options) { name in
            guard let recipe = recipes[name] else { throw SpecError("there is no recipe \"\(name)\"") }
            return RecipeSource(name: name, text: recipe)
        }
        run.onResult = { results.append($0) }
        run.onPrint = { printed.append($0) }
        try run.run()
        self.results = results
        self.printed = printed
    }

    /// The only test, which failed.
    var failure: SpecResult? { results.first { $0.status == .failed } }
}

enum Fixtures {
    /// Counts, in ways right and wrong.
    static let tally = """
        local t = require "hearth.types"
        return recipe {
          name = "tally", version = 1,
          cells = {
            total = t.integer { default = 0 },
            log = t.list(t.object { by = t.link "user", n = t.integer() }),
            user = t.object { name = t.string { default = "Guest" } } :per "session",
            secret = t.string { default = "psst" } :read "judge",
            typing = t.boolean { default = false } :per "session" :ephemeral(),
          },
          derived = { count = t.count("log") },
          on = {
            create = function(cells, input) if type(input) == "table" and input.total then cells.total = input.total end end,
            join = function(cells, _, ctx) if ctx.who.name then cells.user.name = ctx.who.name end end,
          },
          handlers = {
            add = { data = t.object { n = t.integer { default = 1 } }, run = function(cells, data, ctx)
              cells.total = cells.total + (data.n or 1)
              cells.log:push { by = cells.user, n = data.n or 1 }
              return cells.total
            end },
            slow = function(cells, data, ctx)
              local before = cells.total
              ctx.sleep(1000)
              cells.total = before + 1
            end,
            -- Reads in one event and writes in the next what it made of it.
            write = { data = t.object { total = t.integer() }, run = function(cells, data) cells.total = data.total end },
            shout = function(cells, data, ctx) ctx.signal("noise", { loud = true }) end,
            later = function(cells, data, ctx) ctx.after(60000, "write", { total = 10 }) end,
            vote = function(cells, data, ctx)
              local yes = 0
              for _, who in ipairs(ctx.participants()) do
                if ctx.ask(who, "agree", { to = "it" }, { timeout = 5000 }) == "yes" then yes = yes + 1 end
              end
              return yes
            end,
            here = function(cells, data, ctx) return #ctx.participants() end,
            fail = function(cells, data, ctx) ctx.fail("no", "not like that") end,
            judge = { allow = "judge", run = function() return "judged" end },
          },
        }
        """
}
