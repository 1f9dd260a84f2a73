local t = require "hearth.types"

-- A table at which some play and others look on. Whoever leaves forfeits what they have bet.
return recipe {
  name = "poker",
  version = 1,
  about = "A table with seats, bets and a pot.",

  cells = {
    seats = t.map(t.object { name = t.string(), bet = t.integer { default = 0, min = 0 } }),
    pot = t.integer { default = 0 },
  },

  on = {
    leave = function(cells, _, ctx)
      local seat = cells.seats[ctx.who.session]
      if not seat then return end -- they only looked on
      cells.pot:increment(seat.bet)
      cells.seats[ctx.who.session] = nil
    end,
  },

  handlers = {
    sit = function(cells, _, ctx)
      cells.seats[ctx.who.session] = { name = ctx.who.name or "Guest" }
    end,
    bet = {
      data = t.object { amount = t.integer { min = 1, max = 100 } },
      run = function(cells, data, ctx)
        local seat = cells.seats[ctx.who.session]
        if not seat then ctx.fail("not_seated", "take a seat first") end
        seat:key("bet"):increment(data.amount)
      end,
    },
  },
}
