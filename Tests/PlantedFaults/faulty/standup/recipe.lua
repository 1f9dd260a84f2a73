local t = require "hearth.types"

-- Rounds in which everybody says what they do today. A round ends when its time is up, or when
-- somebody closes it.
return recipe {
  name = "standup",
  version = 1,
  about = "Rounds with a time limit.",

  cells = {
    is_open = t.boolean { default = false },
    round = t.integer { default = 0 },
    said = t.list(t.object { round = t.integer(), text = t.string() }),
  },

  handlers = {
    open = {
      data = t.object { seconds = t.integer { min = 5, max = 600 } },
      run = function(cells, data, ctx)
        if cells.is_open then ctx.fail("already_open", "a round is open") end
        cells.is_open = true
        cells.round:increment()
        ctx.after(data.seconds * 1000, "close")
      end,
    },
    say = {
      data = t.object { text = t.string { min = 1, max = 500 } },
      run = function(cells, data, ctx)
        if not cells.is_open then ctx.fail("closed", "no round is open") end
        cells.said:push { round = cells.round, text = data.text }
      end,
    },
    close = function(cells) cells.is_open = false end,
  },
}
