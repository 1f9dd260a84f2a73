local t = require "hearth.types"

return recipe {
  name = "plaza",
  version = 1,
  about = "A little of everything that crosses a socket.",

  cells = {
    log = t.list(t.any()),
    count = t.integer { default = 0 },
    visits = t.list(t.string()),
    people = t.list(t.object { who = t.link "user", said = t.string() }),
    user = t.object { name = t.string { default = "Guest" } } :per "session",
    mood = t.string { default = "" } :per "session" :ephemeral(),
    diary = t.list(t.string()) :per "session" :private(),
  },

  derived = { length = function(cells) return #cells.log end },

  handlers = {
    say = {
      data = t.object { text = t.any() },
      run = function(cells, data)
        cells.log:push(data.text)
        return #cells.log
      end,
    },
    add = { data = t.object { by = t.integer() }, run = function(cells, data) cells.count:increment(data.by) end },
    nothing = function() end,
    rename = { data = t.object { name = t.string() }, run = function(cells, data) cells.user.name = data.name end },
    introduce = {
      data = t.object { said = t.string() },
      run = function(cells, data) cells.people:push { who = cells.user, said = data.said } end,
    },
    point = { data = t.object { at = t.any() }, run = function(cells, data) cells.log:push(data.at) end },
    confess = { data = t.object { text = t.string() }, run = function(cells, data) cells.diary:push(data.text) end },
    whisper = {
      data = t.object { to = t.string(), text = t.string() },
      run = function(_, data, ctx) ctx.signal("whisper", { text = data.text }, { to = data.to }) end,
    },
    shout = { data = t.object { text = t.string() }, run = function(_, data, ctx) ctx.signal("shout", data) end },
    boast = function(cells, _, ctx)
      ctx.signal("shout", { text = "never heard" })
      cells.log:push("never seen")
      error("failed on purpose")
    end,
    endless = function() while true do end end, -- luacheck: ignore 542
    later = {
      data = t.object { ms = t.integer(), text = t.string() },
      run = function(_, data, ctx) return ctx.after(data.ms, "say", { text = data.text }) end,
    },
    cancel = { data = t.object { timer = t.string() }, run = function(_, data, ctx) ctx.cancel(data.timer) end },
    slow = {
      data = t.object { ms = t.integer(), text = t.string() },
      run = function(cells, data, ctx)
        ctx.sleep(data.ms)
        cells.log:push(data.text)
      end,
    },
    question = {
      data = t.object { to = t.string(), ms = t.integer { default = 10000 } },
      run = function(cells, data, ctx)
        local answer = ctx.ask(data.to, "agree?", { n = 1 }, { timeout = data.ms })
        cells.log:push(answer or "no answer")
        return answer
      end,
    },
    tell = {
      data = t.object { room = t.string(), text = t.string() },
      run = function(cells, data, ctx)
        cells.count:increment(1)
        ctx.send(data.room, "say", { text = data.text })
      end,
    },
  },

  on = {
    join = function(cells, _, ctx) cells.visits:push("join " .. (ctx.who.name or "somebody")) end,
    leave = function(cells, _, ctx) cells.visits:push("leave " .. (ctx.who.name or "somebody")) end,
  },
}
