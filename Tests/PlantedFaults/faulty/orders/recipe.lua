local t = require "hearth.types"

-- A number that people can read out: the time of the day to the second.
local function number_at(now) return os.date("!%H%M%S", now // 1000) end

return recipe {
  name = "orders",
  version = 1,
  about = "Orders of a kitchen, each with a number.",

  cells = {
    orders = t.map(t.object { dish = t.string(), is_ready = t.boolean { default = false } }),
  },

  handlers = {
    order = {
      data = t.object { dish = t.string { min = 1, max = 80 } },
      run = function(cells, data, ctx)
        local number = "o" .. number_at(ctx.now)
        cells.orders[number] = { dish = data.dish }
        return number
      end,
    },
    ready = {
      data = t.object { number = t.string() },
      run = function(cells, data, ctx)
        local order = cells.orders:key(data.number)
        if not order:exists() then ctx.fail("no_such_order", "There is no order " .. data.number) end
        order.is_ready = true
      end,
    },
  },
}
