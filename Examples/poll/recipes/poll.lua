local t = require "hearth.types"

return recipe {
  name = "poll",
  version = 1,
  about = "One question, one vote each, closed after a while.",

  cells = {
    question = t.string { max = 200 },
    options = t.list(t.string { min = 1, max = 80 }),
    votes = t.map(t.string()),
    closed = t.boolean { default = false },
  },

  derived = {
    tally = function(cells)
      local tally = {}
      for _, option in ipairs(cells.options) do tally[option] = 0 end
      for _, option in pairs(cells.votes) do tally[option] = tally[option] + 1 end
      return tally
    end,
  },

  on = {
    create = function(cells, input, ctx)
      input = input or {}
      cells.question = input.question or "Yes or no?"
      cells.options = input.options or { "yes", "no" }
      if input.minutes then ctx.after(input.minutes * 60000, "close") end
    end,
  },

  handlers = {
    vote = {
      data = t.object { option = t.string() },
      run = function(cells, data, ctx)
        if cells.closed:get() then ctx.fail("closed", "the poll is closed") end
        local known = cells.options:find(function(option) return option == data.option end)
        if not known then ctx.fail("unknown_option", "no such option: " .. data.option) end
        cells.votes[ctx.who.id] = data.option
      end,
    },
    close = function(cells) cells.closed = true end,
  },
}
