local t = require "hearth.types"

return recipe {
  name = "restless",
  version = 1,
  about = "A bad neighbour: timers that are always due and double, and handlers that take long.",

  cells = { runs = t.integer { default = 0 } },

  handlers = {
    -- Two timers for one until there are 2 ^ doublings, each of which sets itself anew.
    again = {
      data = t.object { doublings = t.integer(), spin = t.integer() },
      run = function(cells, data, ctx)
        for _ = 1, data.spin do end
        cells.runs:increment(1)
        local left = math.max(0, data.doublings - 1)
        for _ = 1, data.doublings > 0 and 2 or 1 do
          ctx.after(0, "again", { doublings = left, spin = data.spin })
        end
      end,
    },
    rarely = { rate = { 1, 60 }, run = function(cells) cells.runs:increment(1) end },
  },
}
