local t = require "hearth.types"

-- A box office. Who buys is asked to confirm the price first, and may take a minute over it.
return recipe {
  name = "tickets",
  version = 1,
  about = "Tickets for one evening, sold to whoever confirms.",

  cells = {
    left = t.integer { default = 10, min = 0 },
    sold = t.list(t.object { to = t.string(), count = t.integer() }),
  },

  handlers = {
    buy = {
      data = t.object { count = t.integer { min = 1, max = 4 } },
      run = function(cells, data, ctx)
        -- The same question as before when this runs again: nobody is asked twice.
        local answer = ctx.ask(ctx.who, "confirm", { price = data.count * 15 }, { timeout = 60000 })
        if answer ~= "yes" then ctx.fail("not_confirmed", "you did not confirm") end
        if cells.left < data.count then ctx.fail("sold_out", "there are too few left") end
        cells.left:increment(-data.count)
        cells.sold:push { to = ctx.who.name or "somebody", count = data.count }
      end,
    },
  },
}
