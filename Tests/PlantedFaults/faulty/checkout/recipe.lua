local t = require "hearth.types"

-- A stall with a till: a program with the role "till" joins the room, and charges cards when it is
-- asked to, each receipt once. Orders are numbered through, and so are receipts.
return recipe {
  name = "checkout",
  version = 1,
  about = "Orders that are paid by card.",

  cells = {
    last_order = t.integer { default = 0 },
    orders = t.list(t.object { number = t.integer(), by = t.string(), cents = t.integer() }),
  },

  handlers = {
    order = {
      data = t.object { cents = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local number = cells.last_order + 1
        for _, who in ipairs(ctx.participants()) do
          if who.roles[1] == "till" then
            local charge = { receipt = ctx.who.session .. "-" .. number, cents = data.cents }
            local paid = ctx.ask(who, "charge", charge, { timeout = 20000 })
            if not paid then ctx.fail("not_paid", "the card was refused") end
          end
        end
        cells.last_order = number
        cells.orders:push { number = number, by = ctx.who.session, cents = data.cents }
      end,
    },
  },
}
