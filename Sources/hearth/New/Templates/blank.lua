local t = require "hearth.types"

return recipe {
  name = "RECIPE_NAME",
  version = 1,
  about = "A note that everybody may change.",

  -- What a room holds. It is kept on disk, and everybody in the room sees every change.
  cells = {
    note = t.string { default = "", max = 500 },
  },

  -- What participants can do. Nothing of it counts until the function returns.
  handlers = {
    write = {
      data = t.object { note = t.string { max = 500 } },
      run = function(cells, data) cells.note = data.note end,
    },
  },
}
