local t = require "hearth.types"

-- A stall with a till: a program with the role "till" joins the room, and charges cards when it is
-- asked to, each receipt once. Orders are numbered through when they are paid.
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
        -- Made of the event alone: when this runs again it is the same question, and its answer is known.
        local receipt = ctx.id()
        for _, who in ipairs(ctx.participants()) do
          if who.roles[1] == "till" then
            local charge = { receipt = receipt, cents = data.cents }
            local paid = ctx.ask(who, "charge", charge, { timeout = 20000 })
            if not paid then ctx.fail("not_paid", "the card was refused") end
          end
        end
        local number = cells.last_order + 1
        cells.last_order = number
        cells.orders:push { number = number, by = ctx.who.session, cents = data.cents }
      end,
    },
  },
}
