-- Notes who said what in which order; `crawl` keeps whoever runs it busy for longer than an event loop can wait.
local t = require "hearth.types"

local function note(cells, who, text) cells.said:push({ who = who, text = text }) end

return recipe {
  name = "crawler",
  cells = { said = t.list(t.any), fired = t.integer { default = 0 }, heard = t.integer { default = 0 } },
  derived = { version = function() return 1 end },
  handlers = {
    note = function(cells, data) note(cells, data.who, data.text) end,
    crawl = function(cells, data)
      local x = 0
      for i = 1, 2000000 do x = (x + i) % 7 end
      note(cells, data.who, data.text)
    end,
    nap = function(cells, data, ctx)
      ctx.sleep(30)
      note(cells, data.who, data.text)
    end,
    alarm = function(cells, data, ctx)
      note(cells, data.who, data.text)
      ctx.after(50, "fire")
    end,
    fire = function(cells) cells.fired:increment(1) end,
    tell = function(cells, data, ctx)
      note(cells, data.who, data.text)
      ctx.send(data.room, "hear")
    end,
    hear = function(cells) cells.heard:increment(1) end,
  },
}
