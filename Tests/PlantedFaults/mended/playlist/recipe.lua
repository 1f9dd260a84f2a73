local t = require "hearth.types"

local title = t.string { min = 1, max = 120 }

-- What is taken out of the list goes for good after five seconds; until then it can be put back.
return recipe {
  name = "playlist",
  version = 1,
  about = "Songs that everybody may add and take out.",

  cells = {
    songs = t.list(t.object { id = t.string(), title = title }),
    removal = t.optional(t.string()), -- the timer of a removal that can still be taken back
  },

  handlers = {
    add = {
      data = t.object { title = title },
      run = function(cells, data, ctx) cells.songs:push { id = ctx.id(), title = data.title } end,
    },
    remove = {
      data = t.object { index = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local song = cells.songs[data.index]
        if not song then ctx.fail("no_such_song", "There is no such song") end
        cells.removal = ctx.after(5000, "finish_removal", { id = song.id })
      end,
    },
    undo = function(cells, _, ctx)
      if cells.removal then ctx.cancel(cells.removal) end
      cells.removal = nil
    end,
    finish_removal = {
      data = t.object { id = t.string() },
      run = function(cells, data)
        cells.songs:remove_where(function(song) return song.id == data.id end)
        cells.removal = nil
      end,
    },
  },
}
