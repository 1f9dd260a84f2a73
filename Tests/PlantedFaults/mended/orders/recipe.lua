local t = require "hearth.types"

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
        local number = "o" .. ctx.id()
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
