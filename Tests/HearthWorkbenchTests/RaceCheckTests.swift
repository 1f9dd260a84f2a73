import HearthRecipes
import HearthWorkbench
import Testing

/// Races that show in the text of a recipe, and code that looks like one and is none.
@Suite("hearth check finds races")
struct RaceCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        /// What stands in `cells` and in `handlers`, and in front of the recipe.
        var cells = ""
        var handlers = ""
        var on = ""
        var before = ""
        /// Nil: nothing is to be found.
        var code: Finding.Code?
        /// A part of the line that is to blame.
        var blames = ""
        var testDescription: String { title }

        var text: String {
            """
            local t = require "hearth.types"
            \(before)
            return recipe {
              name = "x", version = 1,
              cells = { \(cells) },
              on = { \(on) },
              handlers = {
            \(handlers)
              },
            }
            """
        }
    }

    private static let number = "left = t.integer { default = 9 }"

    static let cases: [Case] = [
        Case(
            title: "a number is read, waited for and set, and last-write lets it stand",
            cells: number + " :merge 'last-write'",
            handlers: """
                buy = function(cells, _, ctx)
                  local left = cells.left
                  ctx.sleep(10)
                  cells.left = left - 1
                end,
                """,
            code: .mergePolicy, blames: "cells.left = left - 1"),
        Case(
            title: "a blind write after a wait is what last-write is for", cells: number + " :merge 'last-write'",
            handlers:
                "put = { data = t.object { n = t.integer() }, run = function(cells, data, ctx) ctx.sleep(10) cells.left = data.n end },"
        ),
        Case(
            title: "without last-write the event runs again", cells: number,
            handlers:
                "buy = function(cells, _, ctx) local left = cells.left ctx.sleep(10) cells.left = left - 2 * left end,"),
        Case(
            title: "a counter in a closure", cells: "n = t.integer { default = 0 }",
            handlers: "take = function(cells) cells.n = draw() end,",
            before: """
                local function from(first)
                  return function()
                    first = first + 1
                    return first
                  end
                end
                local draw = from(1)
                """,
            code: .moduleState, blames: "first = first + 1"),
        Case(
            title: "a closure that is made and used in the same event", cells: "n = t.integer { default = 0 }",
            handlers: "take = function(cells) local draw = from(1) draw() cells.n = draw() end,",
            before: "local function from(first) return function() first = first + 1 return first end end"),
        Case(
            title: "a counter that only loading uses", cells: "n = t.integer { default = 0, max = last() }",
            handlers: "take = function(cells) cells.n = 1 end,",
            before: "local count = 0 local function last() count = count + 1 return count end"),
        Case(
            title: "an id in a local that is made from the time", cells: "log = t.map(t.string())",
            handlers: """
                add = function(cells, _, ctx)
                  local id = "e" .. os.date("!%H%M%S", ctx.now // 1000)
                  cells.log[id] = "x"
                end,
                """,
            code: .timeAsID, blames: "cells.log[id] = "),
        Case(
            title: "what is kept by the day is one for the day", cells: "log = t.map(t.string())",
            handlers: """
                add = function(cells, _, ctx)
                  local day = os.date("!%Y-%m-%d", ctx.now // 1000)
                  cells.log[day] = "x"
                  cells.log["m" .. ctx.now // 3600000] = "x"
                end,
                """),
        Case(
            title: "a list that is copied, filled and set", cells: "items = t.list(t.string())",
            handlers: """
                add = function(cells)
                  local all = cells.items:snapshot()
                  all[#all + 1] = "x"
                  cells.items = all
                end,
                """,
            code: .readThenSet, blames: "cells.items = all"),
        Case(
            title: "a list that is sorted", cells: "items = t.list(t.string())",
            handlers: """
                sort = function(cells)
                  local all = cells.items:snapshot()
                  table.sort(all)
                  cells.items = all
                end,
                """),
        Case(
            title: "a timer that puts back what was read", cells: number,
            handlers: """
                hold = function(cells, _, ctx)
                  ctx.after(1000, "release", { left = cells.left })
                end,
                release = { data = t.object { left = t.integer() }, run = function(cells, data) cells.left = data.left end },
                """,
            code: .staleValue, blames: "ctx.after(1000"),
        Case(
            title: "a timer that gives back an amount", cells: number,
            handlers: """
                hold = function(cells, _, ctx) ctx.after(1000, "release", { count = cells.left // 2 }) end,
                release = { data = t.object { count = t.integer() }, run = function(cells, data) cells.left:increment(data.count) end },
                """),
        Case(
            title: "a timer that cannot tell its round", cells: "open = t.boolean { default = false }",
            handlers: """
                begin = function(cells, _, ctx)
                  cells.open = true
                  ctx.after(1000, "finish")
                end,
                finish = function(cells) cells.open = false end,
                """,
            code: .staleTimer, blames: "ctx.after(1000"),
        Case(
            title: "a timer that asks first",
            cells: "open = t.boolean { default = false }, ends = t.integer { default = 0 }",
            handlers: """
                begin = function(cells, _, ctx) cells.open = true cells.ends = ctx.now + 1000 ctx.after(1000, "finish") end,
                finish = function(cells, _, ctx) if ctx.now >= cells.ends then cells.open = false end end,
                """),
        Case(
            title: "a timer that sets what the time says",
            cells: "open = t.boolean { default = false }, ends = t.integer { default = 0 }",
            handlers: """
                begin = function(cells, _, ctx) cells.open = true cells.ends = ctx.now + 1000 ctx.after(1000, "finish") end,
                finish = function(cells, _, ctx) cells.open = ctx.now < cells.ends end,
                """),
        Case(
            title: "a timer that is cancelled",
            cells: "open = t.boolean { default = false }, timer = t.string { default = '' }",
            handlers: """
                begin = function(cells, _, ctx) cells.open = true cells.timer = ctx.after(1000, "finish") end,
                stop = function(cells, _, ctx) ctx.cancel(cells.timer) end,
                finish = function(cells) cells.open = false end,
                """),
        Case(
            title: "a timer that only adds", cells: "ticks = t.integer { default = 0 }",
            handlers: "tick = function(cells, _, ctx) cells.ticks:increment() ctx.after(1000, 'tick') end,"),
        Case(
            title: "a cell that is deleted under a link",
            cells: "card = t.object { title = t.string() } :many(), pins = t.list(t.link 'card')",
            handlers: """
                pin = function(cells) cells.pins:push(cells.card:new { title = "x" }) end,
                drop = { data = t.object { id = t.string() }, run = function(cells, data)
                  local card = cells.card[data.id]
                  card:delete()
                end },
                """,
            code: .lostLink, blames: "card:delete()"),
        Case(
            title: "a link that may lead nowhere",
            cells: "card = t.object { title = t.string() } :many(), pins = t.list(t.optional(t.link 'card'))",
            handlers: """
                pin = function(cells) cells.pins:push(cells.card:new { title = "x" }) end,
                drop = { data = t.object { id = t.string() }, run = function(cells, data) cells.card[data.id]:delete() end },
                """),
        Case(
            title: "a leave that takes a seat for granted", cells: "seats = t.map(t.object { bet = t.integer() })",
            handlers: "sit = function(cells, _, ctx) cells.seats[ctx.who.session] = { bet = 1 } end,",
            on: """
                leave = function(cells, _, ctx)
                  local bet = cells.seats[ctx.who.session].bet
                  ctx.log("lost " .. bet)
                end
                """,
            code: .unguarded, blames: "local bet = cells.seats[ctx.who.session].bet"),
        Case(
            title: "a leave that looks first", cells: "seats = t.map(t.object { bet = t.integer() })",
            handlers: "sit = function(cells, _, ctx) cells.seats[ctx.who.session] = { bet = 1 } end,",
            on: """
                leave = function(cells, _, ctx)
                  local seat = cells.seats[ctx.who.session]
                  if seat and seat.bet > 0 then ctx.log("lost " .. seat.bet) end
                  cells.seats[ctx.who.session] = nil
                end
                """),
        Case(
            title: "a leave that takes out what may not be there",
            cells: "seats = t.map(t.object { bet = t.integer() })",
            handlers: "sit = function(cells, _, ctx) cells.seats[ctx.who.session] = { bet = 1 } end,",
            on: "leave = function(cells, _, ctx) cells.seats:key(ctx.who.session):delete() end"),
    ]

    @Test(arguments: cases)
    func `a recipe`(_ given: Case) throws {
        let findings = RecipeCheck.findings(in: RecipeSource(name: "x", text: given.text))
        #expect(findings.map(\.code) == [given.code].compactMap { $0 }, "\(findings)")
        if given.code != nil { #expect(findings.first?.source?.contains(given.blames) == true, "\(findings)") }
    }
}
