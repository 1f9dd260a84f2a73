/// Recipes whose handlers wait and meet each other.
extension SampleRecipes {
    static let waits = """
        local t = require "hearth.types"
        return recipe {
          name = "waits", version = 1,
          cells = {
            n = t.integer(), m = t.integer(), log = t.list(t.string()),
            title = t.string { default = "" },
            last = t.string { default = "" } :merge "last-write",
            most = t.integer() :merge "max",
            sum = t.integer() :merge(function(base, mine, theirs) return mine + theirs - base end),
            odd = t.string { default = "" } :merge(function() return nil end),
            people = t.map(t.link "user"),
            user = t.object { name = t.string { default = "Guest" } } :per "session",
          },
          derived = { double = function(cells) return cells.n * 2 end },
          handlers = {
            add = function(cells, data, ctx)
              local n = cells.n
              ctx.sleep(data.ms or 100)
              cells.n = n + (data.by or 1)
            end,
            blind = function(cells, data, ctx)
              cells.n:increment(1)
              cells.log:push("before")
              ctx.sleep(100)
              cells.log:push("after")
            end,
            now = function(cells, data) cells.n = data.n end,
            one_more = function(cells) cells.n:increment(1) end,
            say = function(cells, data) cells.log:push(data.text) end,
            steps = function(cells, data, ctx)
              local n = cells.n
              for _ = 1, data.count do ctx.sleep(10) end
              cells.n = n + 1
            end,
            paces = function(cells, data, ctx)
              local n = cells.n
              for i = 1, data.count do ctx.sleep(data.ms + n * 10 + i) end
              cells.n = n + 1
            end,
            ask = function(cells, data, ctx)
              local answer = ctx.ask(data.who, "agree?", { n = cells.n }, { timeout = data.timeout })
              cells.log:push(answer and answer.text or "nothing")
              return answer
            end,
            wait_last = function(cells, data, ctx) local old = cells.last; ctx.sleep(100); cells.last = data.v end,
            wait_most = function(cells, data, ctx) local old = cells.most; ctx.sleep(100); cells.most = data.v end,
            wait_sum = function(cells, data, ctx) local old = cells.sum; ctx.sleep(100); cells.sum = old + data.v end,
            wait_odd = function(cells, data, ctx) local old = cells.odd; ctx.sleep(100); cells.odd = old .. data.v end,
            set_all = function(cells, data) cells.last = data.s; cells.most = data.n; cells.sum = data.n; cells.odd = data.s end,
            reject = { on_conflict = "reject", run = function(cells, data, ctx)
              local n = cells.n
              ctx.sleep(100)
              cells.n = n + 1
            end },
            other = { on_conflict = function(cells, data, ctx)
              cells.log:push("instead: " .. ctx.conflict.cell .. " " .. ctx.conflict.by.event .. " run " .. ctx.runs)
            end, run = function(cells, data, ctx)
              local n = cells.n
              ctx.sleep(100)
              cells.n = n + 1
            end },
            once = { max_runs = 2, run = function(cells, data, ctx)
              local n = cells.n
              ctx.sleep(100)
              ctx.sleep(101)
              ctx.sleep(102)
              cells.n = n + 1
            end },
            effects = function(cells, data, ctx)
              local n = cells.n
              ctx.signal("hi", ctx.id(), { to = "all" })
              ctx.after(60000, "say", { text = "later" })
              ctx.send("elsewhere", "hear", { n = n })
              cells.people[ctx.who.session] = cells.user
              cells.log:push(ctx.id() .. " " .. ctx.random(1, 1000000) .. " " .. ctx.now)
              ctx.sleep(50)
              cells.m = n
            end,
            caught = function(cells, data, ctx)
              local ok = pcall(function() ctx.sleep(20) end)
              local co = coroutine.wrap(function() ctx.sleep(30); return "co" end)
              table.sort({ 3, 1, 2 }, function(a, b) ctx.sleep(40); return a < b end)
              cells.log:push(tostring(ok) .. " " .. co())
            end,
            forever = function(cells, data, ctx) for i = 1, 1000 do ctx.sleep(1) end end,
            long = function(cells, data, ctx) ctx.sleep(10000000) end,
            runs = function(cells, data, ctx) cells.n = ctx.runs end,
            soon = function(cells, data, ctx) ctx.after(1, "one_more") end,
            twice = function(cells, data, ctx)
              ctx.ask(data.who, "first", {}, { timeout = 1000 })
              ctx.ask(data.who, "second", {}, { timeout = 60000 })
            end,
            later = function(cells, data, ctx) return ctx.after(data.ms, "add", { by = 1 }) end,
            stop = function(cells, data, ctx) ctx.cancel(data.id) end,
            nothing = function() end,
          },
          on = { leave = function(cells, data, ctx) if cells.title == "wait" then ctx.sleep(1) end end },
        }
        """
}
