local t = require "hearth.types"

local name = t.string { min = 1, max = 40 }

-- A shopping list that a helper checks against the shop, which takes a while.
return recipe {
  name = "pantry",
  version = 1,
  about = "How much of what is to be bought.",

  cells = {
    wanted = t.map(t.integer { min = 0 }) :merge(function(base, mine, theirs)
      local all = {}
      for item, count in pairs(theirs) do all[item] = count end
      for item, count in pairs(mine) do
        if count ~= base[item] then all[item] = count end
      end
      return all
    end),
  },

  handlers = {
    want = {
      data = t.object { item = name, count = t.integer { min = 1, max = 99 } },
      run = function(cells, data) cells.wanted[data.item] = data.count end,
    },
    have = {
      data = t.object { item = name },
      run = function(cells, data, ctx)
        cells.wanted[data.item] = nil
        ctx.sleep(2000) -- time to think better of it
      end,
    },
  },
}
