local t = require "hearth.types"

-- Numbers for the waiting room, from 1.
local function numbers_from(first)
  local next_number = first
  return function()
    local number = next_number
    next_number = next_number + 1
    return number
  end
end

local draw = numbers_from(1)

return recipe {
  name = "queue",
  version = 1,
  about = "Take a number and wait until it is called.",

  cells = {
    waiting = t.list(t.object { number = t.integer(), name = t.string() }),
    called = t.integer { default = 0 },
  },

  handlers = {
    take = {
      data = t.object { name = t.string { min = 1, max = 40 } },
      run = function(cells, data)
        local number = draw()
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
