local t = require "hearth.types"

return recipe {
  name = "faulty",
  version = 1,
  about = "Handlers that fail, each in its way.",

  cells = { count = t.integer { default = 0 } },

  handlers = {
    fine = function(cells) cells.count:increment(1) end,
    broken = function(cells)
      cells.count:increment(1)
      error("broken on purpose")
    end,
    endless = function() while true do end end, -- luacheck: ignore 542
    picky = { data = t.object { size = t.integer { min = 1 } }, run = function() end },
  },
}
