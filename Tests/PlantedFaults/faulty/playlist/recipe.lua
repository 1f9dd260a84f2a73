local t = require "hearth.types"

local song = t.object { title = t.string { min = 1, max = 120 } }

-- What is taken out of the list goes for good after five seconds; until then it can be put back.
return recipe {
  name = "playlist",
  version = 1,
  about = "Songs that everybody may add and take out.",

  cells = {
    songs = t.list(song),
    removal = t.optional(t.string()), -- the timer of a removal that can still be taken back
  },

  handlers = {
    add = {
      data = song,
      run = function(cells, data) cells.songs:push { title = data.title } end,
    },
    remove = {
      data = t.object { index = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local kept = {}
        for place, each in ipairs(cells.songs) do
          if place ~= data.index then kept[#kept + 1] = each:snapshot() end
        end
        cells.removal = ctx.after(5000, "finish_removal", { songs = hearth.list(kept) })
      end,
    },
    undo = function(cells, _, ctx)
      if cells.removal then ctx.cancel(cells.removal) end
      cells.removal = nil
    end,
    finish_removal = {
      data = t.object { songs = t.list(song) },
      run = function(cells, data)
        cells.songs = data.songs
        cells.removal = nil
      end,
    },
  },
}
