local t = require "hearth.types"

return recipe {
  name = "feed",
  version = 1,
  about = "A feed that keeps its latest entries, for tests of many readers.",

  cells = { total = t.integer { default = 0 }, latest = t.list(t.any()) },

  handlers = {
    post = function(cells, data)
      cells.total:increment(1)
      cells.latest:push(data)
      if #cells.latest > 20 then cells.latest:remove(1) end
    end,
  },
}
