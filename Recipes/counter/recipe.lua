local t = require "hearth.types"

return recipe {
  name = "counter",
  version = 1,
  about = "A number that everybody may change at once.",

  cells = { count = t.integer { default = 0 } },

  -- `increment` is a blind write: two at once both count, and neither has to run again.
  handlers = {
    increment = function(cells) cells.count:increment(1) end,
    decrement = function(cells) cells.count:increment(-1) end,
    reset = function(cells) cells.count = 0 end,
  },
}
