local t = require "hearth.types"

return recipe {
  name = "queue",
  version = 1,
  about = "Take a number and wait until it is called.",

  cells = {
    waiting = t.list(t.object { number = t.integer(), name = t.string() }),
    called = t.integer { default = 0 },
    drawn = t.integer { default = 0 },
  },

  handlers = {
    take = {
      data = t.object { name = t.string { min = 1, max = 40 } },
      run = function(cells, data)
        cells.drawn:increment()
        local number = cells.drawn:get()
        cells.waiting:push { number = number, name = data.name }
        return number
      end,
    },
    call = function(cells)
      local first = cells.waiting:remove(1)
      if first then cells.called = first.number end
    end,
  },
}
