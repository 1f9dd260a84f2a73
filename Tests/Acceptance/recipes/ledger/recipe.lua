local t = require "hearth.types"

return recipe {
  name = "ledger",
  version = 1,
  about = "Who noted which number: what is lost or doubled shows.",

  cells = {
    entries = t.list(t.object { who = t.string(), number = t.integer() }),
    total = t.integer { default = 0 },
  },

  handlers = {
    note = {
      data = t.object { who = t.string(), number = t.integer() },
      run = function(cells, data)
        cells.entries:push { who = data.who, number = data.number }
        cells.total:increment(1)
      end,
    },
  },
}
