local t = require "hearth.types"

-- Busy until the time of an event is over: long enough for a test to end the process meanwhile.
local function spin(cells)
  while true do
    local _ = #cells.items
  end
end

return recipe {
  name = "stranger",
  version = 1,
  about = "Handlers that take their time.",

  cells = { items = t.list(t.any), count = t.integer { default = 0 } },

  handlers = {
    fine = function(cells) cells.count:increment(1) end,
    -- Takes its time in the first run only.
    slow_once = function(cells, _, ctx)
      cells.count:increment(1)
      if ctx.runs == 1 then spin(cells) end
    end,
    slow = function(cells)
      cells.count:increment(1)
      spin(cells)
    end,
    hang = function() while true do end end, -- luacheck: ignore 542
    broken = function() error("broken on purpose") end,
  },
}
