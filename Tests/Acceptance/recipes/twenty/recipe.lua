local t = require "hearth.types"

return recipe {
  name = "twenty",
  version = 1,
  about = "Twenty linked messages in one event.",

  cells = {
    messages = t.list(t.object {
      author = t.link "user",
      event = t.integer(),
      number = t.integer(),
    }),
    user = t.object { name = t.string { default = "Guest" } } :per "session",
  },

  on = { join = function(cells, _, ctx) cells.user.name = ctx.who.name or "Guest" end },

  handlers = {
    -- A cell and what `get` gave of it are the same link.
    burst = {
      data = t.object { event = t.integer() },
      run = function(cells, data)
        for number = 1, 20 do
          local author = number % 2 == 0 and cells.user or cells.user:get()
          cells.messages:push { author = author, event = data.event, number = number }
        end
      end,
    },
    rename = function(cells, data) cells.user.name = data.name end,
  },
}
